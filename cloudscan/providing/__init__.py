"""What providers are made of where clouds do not differ: how they ask, look, and say what a scan will take."""
