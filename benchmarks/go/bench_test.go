// SPDX-License-Identifier: MIT

// The benchmarks of ../bench_*.c in Go: the same names, the same algorithms, the same checks.
package benchmarks

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func check(b *testing.B, ok bool) {
	if !ok {
		b.Fatal("wrong result")
	}
}

// Every size that benchmarks/rows.txt and the plots ask for.
func sized(b *testing.B, name string, run func(b *testing.B, size int)) {
	sizes := []int{1, 2, 8, 10, 16, 50, 100, 1000, 10000, 100000, 1000000}
	for _, size := range sizes {
		size := size
		b.Run(fmt.Sprintf("%s=%d", name, size), func(b *testing.B) { run(b, size) })
	}
}

// The part of n that is the i-th of k's.
func share(n, k, i int) int {
	if i < n%k {
		return n/k + 1
	}
	return n / k
}

// One figure is of so many things.
func reportEach(b *testing.B, d time.Duration, things int, unit string) {
	b.ReportMetric(float64(d.Nanoseconds())/float64(things), unit)
}

// Where goroutines wait until all are there.
type gate struct {
	c       chan bool
	waiting int64
	wg      sync.WaitGroup
}

func newGate(goroutines int) *gate {
	g := &gate{c: make(chan bool)}
	g.wg.Add(goroutines)
	return g
}

func (g *gate) arrive() {
	atomic.AddInt64(&g.waiting, 1)
	<-g.c
}

func (g *gate) measure(b *testing.B, goroutines int) {
	for atomic.LoadInt64(&g.waiting) < int64(goroutines) {
		runtime.Gosched()
	}
	start := time.Now()
	close(g.c)
	g.wg.Wait()
	reportEach(b, time.Since(start), b.N, "ns/op")
}

// bench_sched.c

type yielder struct {
	n, done int
	_       [48]byte // a cache line each, as in C
}

func BenchmarkYield(b *testing.B) {
	sized(b, "goroutines", func(b *testing.B, goroutines int) {
		y := make([]yielder, goroutines)
		g := newGate(goroutines)
		for i := range y {
			y[i].n = share(b.N, goroutines, i)
			go func(y *yielder) {
				g.arrive()
				for ; y.done < y.n; y.done++ {
					runtime.Gosched()
				}
				g.wg.Done()
			}(&y[i])
		}
		g.measure(b, goroutines)
		sum := 0
		for i := range y {
			sum += y[i].done
		}
		check(b, sum == b.N)
	})
}

type child struct {
	value int
	wg    *sync.WaitGroup
}

func runChild(c *child) {
	c.value++
	c.wg.Done()
}

func spawnAndJoin(children []child, wg *sync.WaitGroup) {
	wg.Add(len(children))
	for i := range children {
		go runChild(&children[i])
	}
	wg.Wait()
}

func makeChildren(n int, wg *sync.WaitGroup) []child {
	children := make([]child, n)
	for i := range children {
		children[i].wg = wg
	}
	return children
}

func checkChildren(b *testing.B, children []child, expected int) {
	sum := 0
	for i := range children {
		sum += children[i].value
	}
	check(b, sum == expected)
}

func BenchmarkSpawn(b *testing.B) {
	sized(b, "batch", func(b *testing.B, batch int) {
		var wg sync.WaitGroup
		children := makeChildren(batch, &wg)
		for left := b.N; left > 0; {
			n := batch
			if left < n {
				n = left
			}
			spawnAndJoin(children[:n], &wg)
			left -= n
		}
		checkChildren(b, children, b.N)
	})
}

func BenchmarkSpawnAll(b *testing.B) {
	sized(b, "goroutines", func(b *testing.B, goroutines int) {
		var wg sync.WaitGroup
		children := makeChildren(goroutines, &wg)
		start := time.Now()
		for i := 0; i < b.N; i++ {
			spawnAndJoin(children, &wg)
		}
		reportEach(b, time.Since(start), b.N*goroutines, "ns/op")
		checkChildren(b, children, b.N*goroutines)
	})
}

type parked struct {
	c       chan uint64
	waiting int64
	sum     uint64
	ended   sync.WaitGroup
}

func resident(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/statm")
	check(b, err == nil)
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	check(b, err == nil)
	return float64(pages * os.Getpagesize())
}

func waitForOne(p *parked) {
	atomic.AddInt64(&p.waiting, 1)
	atomic.AddUint64(&p.sum, <-p.c)
	p.ended.Done()
}

func (p *parked) park(b *testing.B, goroutines int) {
	p.waiting, p.sum = 0, 0
	p.ended.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		go waitForOne(p)
	}
	for atomic.LoadInt64(&p.waiting) < int64(goroutines) {
		runtime.Gosched()
	}
	check(b, runtime.NumGoroutine() >= goroutines+1)
}

func (p *parked) wake(b *testing.B, goroutines int) {
	for i := 0; i < goroutines; i++ {
		p.c <- uint64(i)
	}
	p.ended.Wait()
	check(b, p.sum == uint64(goroutines)*uint64(goroutines-1)/2)
}

var parkedBytes float64 // the first time

func BenchmarkParked(b *testing.B) {
	sized(b, "goroutines", func(b *testing.B, goroutines int) {
		p := parked{c: make(chan uint64)}
		var made, woken time.Duration
		before := resident(b)
		for i := 0; i < b.N; i++ {
			start := time.Now()
			p.park(b, goroutines)
			made += time.Since(start)
			if parkedBytes == 0 {
				parkedBytes = resident(b) - before
			}
			start = time.Now()
			p.wake(b, goroutines)
			woken += time.Since(start)
		}
		reportEach(b, made, b.N*goroutines, "ns/op")
		reportEach(b, woken, b.N*goroutines, "wake-ns/op")
		b.ReportMetric(parkedBytes/float64(goroutines), "B/goroutine")
	})
}

const (
	units     = 100
	unitSteps = 10000
)

func compute(x uint64) uint64 {
	for i := 0; i < unitSteps; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func BenchmarkParallel(b *testing.B) {
	sized(b, "serial", func(b *testing.B, serial int) {
		check(b, serial <= units)
		var wg sync.WaitGroup
		var results [units]uint64
		var sum, expected uint64
		for k := range results {
			expected += compute(uint64(k + 1))
		}
		for i := 0; i < b.N; i++ {
			for k := 0; k < serial; k++ {
				results[k] = compute(uint64(k + 1))
			}
			wg.Add(units - serial)
			for k := serial; k < units; k++ {
				go func(k int) {
					results[k] = compute(uint64(k + 1))
					wg.Done()
				}(k)
			}
			wg.Wait()
			for k := range results {
				sum += results[k]
			}
		}
		check(b, sum == uint64(b.N)*expected)
	})
}

// bench_chan.c

func BenchmarkChanSync(b *testing.B) {
	sized(b, "pairs", func(b *testing.B, pairs int) {
		last := make([]uint64, pairs)
		g := newGate(2 * pairs)
		for i := range last {
			n := share(b.N, pairs, i)
			ping, pong := make(chan uint64), make(chan uint64)
			go func() {
				g.arrive()
				for i := 0; i < n; i++ {
					pong <- <-ping + 1
				}
				g.wg.Done()
			}()
			go func(last *uint64) {
				g.arrive()
				v := uint64(0)
				for i := 0; i < n; i++ {
					ping <- v
					v = <-pong
				}
				*last = v
				g.wg.Done()
			}(&last[i])
		}
		g.measure(b, 2*pairs)
		sum := uint64(0)
		for i, v := range last {
			check(b, v == uint64(share(b.N, pairs, i)))
			sum += v
		}
		check(b, sum == uint64(b.N))
	})
}

const stepsPerUs = 600

func work(x uint64, us int) uint64 {
	for i := 0; i < us*stepsPerUs; i++ {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func BenchmarkChanWork(b *testing.B) {
	sized(b, "us", func(b *testing.B, us int) {
		c := [2]chan uint64{make(chan uint64, 1), make(chan uint64, 1)}
		g := newGate(2)
		sums := [2]uint64{}
		c[0] <- 1
		for k := range c {
			n, in, out, sum := share(b.N, 2, k), c[k], c[1-k], &sums[k]
			go func() {
				g.arrive()
				for i := 0; i < n; i++ {
					v := <-in
					*sum += work(v, us)
					out <- v + 1
				}
				g.wg.Done()
			}()
		}
		g.measure(b, 2)
		check(b, <-c[b.N%2] == uint64(b.N+1) && sums[0]+sums[1] != 0)
	})
}

func BenchmarkChanProdCons(b *testing.B) {
	sized(b, "each", func(b *testing.B, each int) {
		c := make(chan uint64, 128)
		sums := make([]uint64, each)
		g := newGate(2 * each)
		expected := uint64(0)
		left := int64(each)
		for i := range sums {
			n := uint64(share(b.N, each, i))
			expected += n * (n + 1) / 2
			go func() {
				g.arrive()
				for i := uint64(1); i <= n; i++ {
					c <- i
				}
				if atomic.AddInt64(&left, -1) == 0 {
					close(c)
				}
				g.wg.Done()
			}()
			go func(result *uint64) {
				g.arrive()
				sum := uint64(0)
				for v := range c {
					sum += v
				}
				*result = sum
				g.wg.Done()
			}(&sums[i])
		}
		g.measure(b, 2*each)
		sum := uint64(0)
		for _, v := range sums {
			sum += v
		}
		check(b, sum == expected)
	})
}

func makeAll(n, capacity int) []chan uint64 {
	c := make([]chan uint64, n)
	for i := range c {
		c[i] = make(chan uint64, capacity)
	}
	return c
}

// A select of 2 or 8 receives: the value, and from which it came.
func select2(c []chan uint64) (v uint64, i int) {
	select {
	case v = <-c[0]:
		return v, 0
	case v = <-c[1]:
		return v, 1
	}
}

func select8(c []chan uint64) (v uint64, i int) {
	select {
	case v = <-c[0]:
		return v, 0
	case v = <-c[1]:
		return v, 1
	case v = <-c[2]:
		return v, 2
	case v = <-c[3]:
		return v, 3
	case v = <-c[4]:
		return v, 4
	case v = <-c[5]:
		return v, 5
	case v = <-c[6]:
		return v, 6
	case v = <-c[7]:
		return v, 7
	}
}

func BenchmarkSelectReady(b *testing.B) {
	b.Run("cases=2", func(b *testing.B) {
		c := makeAll(2, 1)
		v, ready := uint64(0), 0
		c[0] <- 0
		for i := 0; i < b.N; i++ {
			v, ready = select2(c)
			check(b, ready == i%2)
			c[(ready+1)%2] <- v + 1
		}
		check(b, <-c[b.N%2] == uint64(b.N))
	})
	b.Run("cases=8", func(b *testing.B) {
		c := makeAll(8, 1)
		v, ready := uint64(0), 0
		c[0] <- 0
		for i := 0; i < b.N; i++ {
			v, ready = select8(c)
			check(b, ready == i%8)
			c[(ready+1)%8] <- v + 1
		}
		check(b, <-c[b.N%8] == uint64(b.N))
	})
}

func answerer(ask chan uint64, answers []chan uint64, n int, wg *sync.WaitGroup) {
	for i := 0; i < n; i++ {
		answers[i%len(answers)] <- <-ask + 1
	}
	wg.Done()
}

func BenchmarkSelectBlocking(b *testing.B) {
	b.Run("cases=2", func(b *testing.B) {
		ask, c := make(chan uint64), makeAll(2, 0)
		var wg sync.WaitGroup
		v, from := uint64(0), 0
		wg.Add(1)
		go answerer(ask, c, b.N, &wg)
		runtime.Gosched() // until it waits to be asked, or each select would find its answer
		for i := 0; i < b.N; i++ {
			ask <- v
			v, from = select2(c)
			check(b, from == i%2)
		}
		wg.Wait()
		check(b, v == uint64(b.N))
	})
	b.Run("cases=8", func(b *testing.B) {
		ask, c := make(chan uint64), makeAll(8, 0)
		var wg sync.WaitGroup
		v, from := uint64(0), 0
		wg.Add(1)
		go answerer(ask, c, b.N, &wg)
		runtime.Gosched() // until it waits to be asked, or each select would find its answer
		for i := 0; i < b.N; i++ {
			ask <- v
			v, from = select8(c)
			check(b, from == i%8)
		}
		wg.Wait()
		check(b, v == uint64(b.N))
	})
}

func sky(out chan uint64, first, leaves uint64) {
	if leaves == 1 {
		out <- first
		return
	}
	c := make(chan uint64)
	for i := uint64(0); i < 10; i++ {
		go sky(c, first+leaves/10*i, leaves/10)
	}
	sum := uint64(0)
	for i := 0; i < 10; i++ {
		sum += <-c
	}
	out <- sum
}

func BenchmarkSkynet(b *testing.B) {
	sized(b, "leaves", func(b *testing.B, leaves int) {
		for power := leaves; power > 1; power /= 10 {
			check(b, power%10 == 0)
		}
		for n := 0; n < b.N; n++ {
			root := make(chan uint64)
			go sky(root, 0, uint64(leaves))
			check(b, <-root == uint64(leaves)*uint64(leaves-1)/2)
		}
	})
}

const (
	primes    = 2000
	lastPrime = 17389
)

func generate(out chan<- uint64) {
	for i := uint64(2); i <= lastPrime; i++ {
		out <- i
	}
	close(out)
}

func filter(in <-chan uint64, out chan<- uint64, prime uint64, wg *sync.WaitGroup) {
	for v := range in {
		if v%prime != 0 {
			out <- v
		}
	}
	close(out)
	wg.Done()
}

func BenchmarkPrimeSieve(b *testing.B) {
	b.Run("primes=2000", func(b *testing.B) {
		for n := 0; n < b.N; n++ {
			end := make(chan uint64)
			var wg sync.WaitGroup
			found, last := 0, uint64(0)
			go generate(end)
			for {
				prime, ok := <-end
				if !ok {
					break
				}
				out := make(chan uint64)
				wg.Add(1)
				go filter(end, out, prime, &wg)
				end = out
				found, last = found+1, prime
			}
			wg.Wait()
			check(b, found == primes && last == lastPrime)
		}
	})
}

// bench_sync.c

type counter struct {
	mu    sync.Mutex
	value int
}

func (c *counter) count(n int) {
	for ; n > 0; n-- {
		c.mu.Lock()
		c.value++
		c.mu.Unlock()
	}
}

func BenchmarkMutexUncontended(b *testing.B) {
	var c counter
	c.count(b.N)
	check(b, c.value == b.N)
}

func contend(b *testing.B, goroutines int, each func(c *counter, n int)) {
	var c counter
	g := newGate(goroutines)
	for i := 0; i < goroutines; i++ {
		go func() {
			g.arrive()
			each(&c, b.N/goroutines)
			g.wg.Done()
		}()
	}
	c.count(b.N % goroutines)
	g.measure(b, goroutines)
	check(b, c.value == b.N)
}

func BenchmarkMutexContended(b *testing.B) {
	sized(b, "goroutines", func(b *testing.B, goroutines int) {
		contend(b, goroutines, func(c *counter, n int) { c.count(n) })
	})
}

func BenchmarkMutexYield(b *testing.B) {
	sized(b, "goroutines", func(b *testing.B, goroutines int) {
		contend(b, goroutines, func(c *counter, n int) {
			for ; n > 0; n-- {
				c.mu.Lock()
				c.value++
				runtime.Gosched()
				c.mu.Unlock()
			}
		})
	})
}

func BenchmarkPool(b *testing.B) {
	var p sync.Pool
	thing := new(int)
	for i := 0; i < b.N; i++ {
		p.Put(thing)
		check(b, p.Get() != nil)
	}
}

func BenchmarkPoolOverflow(b *testing.B) {
	b.Run("things=100", func(b *testing.B) {
		const things = 100
		var p sync.Pool
		thing := new(int)
		for i := 0; i < b.N; i++ {
			for k := 0; k < things; k++ {
				p.Put(thing)
			}
			for k := 0; k < things; k++ {
				check(b, p.Get() != nil)
			}
		}
	})
}

const mapKeys = 1024

func fill(m *sync.Map) {
	for i := uint64(0); i < mapKeys; i++ {
		m.Store(i, m)
	}
}

func BenchmarkMapLoad(b *testing.B) {
	b.Run("keys=1024", func(b *testing.B) {
		var m sync.Map
		fill(&m)
		for i := 0; i < b.N; i++ {
			_, ok := m.Load(uint64(i) % mapKeys)
			check(b, ok)
		}
	})
}

// Swap is younger than some Go that this runs with.
func BenchmarkMapSwap(b *testing.B) {
	b.Run("keys=1024", func(b *testing.B) {
		var m sync.Map
		fill(&m)
		for i := 0; i < b.N; i++ {
			m.Store(uint64(i)%mapKeys, &m)
		}
	})
}

// bench_time.c

// splitmix64, as in C.
func nextRandom(state *uint64) uint64 {
	*state += 0x9e3779b97f4a7c15
	z := *state
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}

func cpuNow() time.Duration {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func sleepers(b *testing.B, goroutines, times int) {
	sleeps := goroutines * times
	late := make([]int64, sleeps)
	var cpu time.Duration
	base := time.Now()
	for n := 0; n < b.N; n++ {
		var wg sync.WaitGroup
		for i := range late {
			late[i] = -1
		}
		start := make(chan bool)
		wg.Add(goroutines)
		for i := 0; i < goroutines; i++ {
			go func(seed uint64, late []int64) {
				<-start
				for i := range late {
					d := time.Millisecond + time.Duration(nextRandom(&seed)%99e6)
					before := time.Since(base)
					time.Sleep(d)
					late[i] = int64(time.Since(base) - before - d)
				}
				wg.Done()
			}(uint64(i), late[i*times:(i+1)*times])
		}
		cpu = cpuNow()
		close(start)
		wg.Wait()
		cpu = cpuNow() - cpu
	}
	sort.Slice(late, func(i, j int) bool { return late[i] < late[j] })
	check(b, late[0] >= 0)
	b.ReportMetric(float64(late[sleeps/2]), "p50-ns")
	b.ReportMetric(float64(late[sleeps-1-sleeps/100]), "p99-ns")
	reportEach(b, cpu, sleeps, "cpu-ns/sleep")
}

func BenchmarkSleep(b *testing.B) {
	b.Run("times=1", func(b *testing.B) {
		sized(b, "goroutines", func(b *testing.B, goroutines int) { sleepers(b, goroutines, 1) })
	})
	b.Run("times=10", func(b *testing.B) {
		sized(b, "goroutines", func(b *testing.B, goroutines int) { sleepers(b, goroutines, 10) })
	})
}

// bench_net.c

func tcpServe(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			buf := make([]byte, 4096)
			for {
				n, err := c.Read(buf)
				if err != nil {
					return
				}
				if _, err = c.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
}

// BENCH_NET is ../bench_net.c, whose clients these are, too.
func BenchmarkTCPEcho(b *testing.B) {
	b.Run("conns=64", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		check(b, err == nil)
		defer l.Close()
		go tcpServe(l)
		port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		out, err := exec.Command(os.Getenv("BENCH_NET"), "trips", port, strconv.Itoa(b.N)).Output()
		check(b, err == nil)
		ns, err := strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
		check(b, err == nil)
		b.ReportMetric(ns, "ns/op")
	})
}
