module webshell/test

go 1.26

require webshell v0.0.0

replace webshell => ../
