"""What the agent answers, declines and routes, measured."""
