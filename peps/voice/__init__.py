"""What is asked of a child, a carer or a parent by a link, and which words an adult has to read the same day: data, and how it is read."""
