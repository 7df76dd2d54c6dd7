"""The demo of AWS: a local endpoint that speaks AWS's protocols, and a small estate behind it."""
