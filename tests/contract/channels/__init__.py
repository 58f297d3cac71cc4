"""Every channel held to the port's promises, over real HTTP, against the sandbox."""
