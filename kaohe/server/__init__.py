"""The HTTP server of a hall: gevent's pywsgi, made ready for thousands of phones and for their privacy."""
