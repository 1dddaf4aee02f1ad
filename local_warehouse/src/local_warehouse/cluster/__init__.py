"""The warehouse in the hands of the StarRocks operator: a frontend process, and backend processes.

Both start from one image, at the paths where the operator looks for StarRocks' own programs, and
take from it their environment, their volumes and their configuration files.
"""
