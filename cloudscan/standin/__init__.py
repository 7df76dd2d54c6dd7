"""What the stand-ins of all clouds are made of: a server on loopback, faults that a test sets, and a watch.

What a stand-in answers, and what it holds requests and answers to, lies with the provider of its cloud.
"""
