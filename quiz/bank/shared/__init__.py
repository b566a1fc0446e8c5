"""What exercises of several questions use: the learning rule by epochs, pictures, statements, division."""
