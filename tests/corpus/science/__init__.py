"""Programs of the length and manner found in scientific practice, differentiated as they stand."""
