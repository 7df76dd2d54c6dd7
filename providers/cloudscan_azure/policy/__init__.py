"""The rules of Azure for who may do what. Pure: nothing here touches a network or an estate.

Every module cites the document of Microsoft that it follows. Where the documentation is silent, the answer is what
was not seen, and its docstring says so.
"""
