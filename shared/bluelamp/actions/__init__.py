"""Actions: what is done on a platform. First the intent is sealed, then the platform is called, then the outcome."""
