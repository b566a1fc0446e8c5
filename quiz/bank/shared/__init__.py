"""What exercises of several questions share.

`neurons` and `learning_rule` hold what the steps calculate, `truth_tables` the Boolean functions of two
inputs, `division` a division that tolerates a zero, `pictures` the figures, `statements` the exercises that
ask which statements are true.
"""
