"""What the design promises of the speed, measured: each figure beside a yardstick of the same run, as a ratio."""
