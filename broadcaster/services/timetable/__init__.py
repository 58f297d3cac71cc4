"""When: rules and slots, what they come to, and the deliveries planned from them."""
