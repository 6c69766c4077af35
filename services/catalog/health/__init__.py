"""How addons have been answering: kept, scored, told, and asked again once they have died."""
