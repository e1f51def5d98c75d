"""The suite that testers run on a device: on a desk, on a pole, or an emulated one."""
