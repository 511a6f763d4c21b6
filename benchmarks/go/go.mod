module weft/benchmarks

go 1.19
