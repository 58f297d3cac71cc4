"""HTTP doors of the server: the station API now, the console and public feeds beside it later."""
