"""The in-process engine. The only package that imports llama_cpp.

One thread owns every llama.cpp object (`thread.EngineThread`); everything else sends it work and
sets cancel flags. Sharing an object between threads, or closing it from another one, crashes.
"""
