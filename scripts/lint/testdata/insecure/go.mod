module insecure

go 1.26.0
