"""What Yunzhijia says to us: one file per door, and the robot's translator that its long connection shares. Pure.

There is no common event subscription: four doors, each with its own (or hardly any) proof (`yunzhijia.md` 12).
"""
