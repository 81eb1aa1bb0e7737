"""Reading passages: sentences, the extractive answer, whether there is one."""
