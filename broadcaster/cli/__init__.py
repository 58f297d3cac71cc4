"""The clerk's command line: one file a noun; stdout is data, stderr is talk."""
