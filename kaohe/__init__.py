"""kaohe (考核): democratic evaluation meetings, from ticket to filed sheet."""
