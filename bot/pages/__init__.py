"""Pages for what does not fit a card: sign-in, an item with its route, forms, the workbench, the printed slip."""
