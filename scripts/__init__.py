"""Tools around the service: installing, private servers, running it on one machine."""
