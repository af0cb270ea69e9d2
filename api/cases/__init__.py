"""Service cases over HTTP: `routes` and `steps` take requests, `answers` and `views` show cases."""
