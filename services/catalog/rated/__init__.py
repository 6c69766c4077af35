"""IMDb's ratings put into what addons answer."""
