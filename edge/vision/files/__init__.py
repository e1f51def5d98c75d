"""Pictures and films as files: told apart, decoded where that can do no harm, masked, written whole or not at all."""
