"""The program of the child process that parses one untrusted file.

It imports nothing of this project outside this package, runs under limits of memory and time
(`__main__`), and speaks frames with its parent (`frames`). Every format becomes the same thing:
pages of rows, with text as the file shows it.
"""
