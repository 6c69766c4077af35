"""What a deployment's users feel while its parts are killed, hung, restarted or flooded. See `make chaos`."""
