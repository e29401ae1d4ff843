"""The generated demo: a house at work for six months up to now. All of it is invented; firms, people, tickets."""
