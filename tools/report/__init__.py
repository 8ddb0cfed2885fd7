"""The conservation report: does everything that went in come out, to the gram, fen and event?"""
