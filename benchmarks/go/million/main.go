// SPDX-License-Identifier: MIT

// The same as benchmarks/bench_million.c.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

var (
	n       = 1000000
	waiting int64
	sum     uint64
	ended   sync.WaitGroup
)

func resident() float64 {
	var size, pages int
	f, err := os.Open("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	defer f.Close()
	if _, err := fmt.Fscan(f, &size, &pages); err != nil {
		panic(err)
	}
	return float64(pages * os.Getpagesize())
}

func waitForOne(c chan uint64) {
	atomic.AddInt64(&waiting, 1)
	atomic.AddUint64(&sum, <-c)
	ended.Done()
}

func make_(c chan uint64) {
	waiting = 0
	ended.Add(n)
	for i := 0; i < n; i++ {
		go waitForOne(c)
	}
	for atomic.LoadInt64(&waiting) < int64(n) {
		runtime.Gosched()
	}
}

func wake(c chan uint64) {
	sum = 0
	for i := 0; i < n; i++ {
		c <- uint64(i)
	}
	ended.Wait()
	if sum != uint64(n)*uint64(n-1)/2 {
		panic("wrong sum")
	}
}

func main() {
	if len(os.Args) > 1 {
		n, _ = strconv.Atoi(os.Args[1])
	}
	c := make(chan uint64)
	bytes, t := resident(), time.Now()
	make_(c)
	made := time.Since(t)
	bytes = resident() - bytes
	t = time.Now()
	wake(c)
	woken := time.Since(t)
	t = time.Now()
	make_(c)
	again := time.Since(t)
	wake(c)
	each := func(d time.Duration) int64 { return d.Nanoseconds() / int64(n) }
	fmt.Printf("%d goroutines: %.0f bytes each; made in %d ns each, woken in %d, again in %d\n",
		n, bytes/float64(n), each(made), each(woken), each(again))
}
