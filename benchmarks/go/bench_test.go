// SPDX-License-Identifier: MIT

// The benchmarks of ../bench_*.c in Go: the same names, the same algorithms, the same checks.
package benchmarks

import (
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
)

func check(b *testing.B, ok bool) {
	if !ok {
		b.Fatal("wrong result")
	}
}

// bench_sched.c

func yieldAmong(b *testing.B, goroutines int) {
	done := make([]int, goroutines*8) // a cache line each, as in C
	var wg sync.WaitGroup
	wg.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		n := b.N / goroutines
		if i < b.N%goroutines {
			n++
		}
		go func(n int, done *int) {
			for ; *done < n; *done++ {
				runtime.Gosched()
			}
			wg.Done()
		}(n, &done[i*8])
	}
	wg.Wait()
	sum := 0
	for i := 0; i < goroutines; i++ {
		sum += done[i*8]
	}
	check(b, sum == b.N)
}

func BenchmarkYield(b *testing.B) {
	b.Run("goroutines=2", func(b *testing.B) { yieldAmong(b, 2) })
	b.Run("goroutines=16", func(b *testing.B) { yieldAmong(b, 16) })
}

const batch = 1000

type child struct {
	value int
	wg    *sync.WaitGroup
}

func runChild(c *child) {
	c.value++
	c.wg.Done()
}

func BenchmarkGoSpawn(b *testing.B) {
	var children [batch]child
	var wg sync.WaitGroup
	for i := range children {
		children[i].wg = &wg
	}
	for left := b.N; left > 0; {
		n := batch
		if left < n {
			n = left
		}
		wg.Add(n)
		for i := 0; i < n; i++ {
			go runChild(&children[i])
		}
		wg.Wait()
		left -= n
	}
	sum := 0
	for i := range children {
		sum += children[i].value
	}
	check(b, sum == b.N)
}

// bench_chan.c

func BenchmarkChanSync(b *testing.B) {
	ping, pong := make(chan uint64), make(chan uint64)
	go func() {
		for v := range ping {
			pong <- v + 1
		}
		close(pong)
	}()
	var v uint64
	for i := 0; i < b.N; i++ {
		ping <- v
		v = <-pong
	}
	check(b, v == uint64(b.N))
	close(ping)
	_, ok := <-pong
	check(b, !ok)
}

func BenchmarkChanProdCons(b *testing.B) {
	b.Run("cap=100", func(b *testing.B) {
		c := make(chan uint64, 100)
		n := uint64(b.N)
		go func() {
			for i := uint64(1); i <= n; i++ {
				c <- i
			}
			close(c)
		}()
		var sum uint64
		for v := range c {
			sum += v
		}
		check(b, sum == n*(n+1)/2)
	})
}

func BenchmarkSelectReady(b *testing.B) {
	b.Run("cases=2", func(b *testing.B) {
		a, c := make(chan uint64, 1), make(chan uint64, 1)
		var v uint64
		a <- 0
		for i := 0; i < b.N; i++ {
			select {
			case v = <-a:
				c <- v + 1
			case v = <-c:
				a <- v + 1
			}
		}
		if b.N%2 == 1 {
			v = <-c
		} else {
			v = <-a
		}
		check(b, v == uint64(b.N))
	})
}

const (
	primes    = 500
	lastPrime = 3571
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
	b.Run("primes=500", func(b *testing.B) {
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

func BenchmarkMutexContended(b *testing.B) {
	b.Run("goroutines=8", func(b *testing.B) {
		const goroutines = 8
		var c counter
		var wg sync.WaitGroup
		wg.Add(goroutines)
		for i := 0; i < goroutines; i++ {
			go func() {
				c.count(b.N / goroutines)
				wg.Done()
			}()
		}
		c.count(b.N % goroutines)
		wg.Wait()
		check(b, c.value == b.N)
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

// bench_net.c

const (
	tcpConns = 64
	tcpSize  = 64
)

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

func tcpDial(b *testing.B, port int) int {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	check(b, err == nil)
	check(b, syscall.Connect(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}) == nil)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	return fd
}

// The clients: one thread around epoll, as in C.
func tcpLoad(b *testing.B, port int, n int) int {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var events [tcpConns]syscall.EpollEvent
	request, answer := make([]byte, tcpSize), make([]byte, tcpSize)
	ep, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	check(b, err == nil)
	defer syscall.Close(ep)
	asked, done := 0, 0
	ask := func(fd int) {
		got, err := syscall.Write(fd, request)
		check(b, err == nil && got == tcpSize)
		asked++
	}
	for i := 0; i < tcpConns; i++ {
		fd := tcpDial(b, port)
		defer syscall.Close(fd)
		check(b, syscall.EpollCtl(ep, syscall.EPOLL_CTL_ADD, fd,
			&syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}) == nil)
		if asked < n {
			ask(fd)
		}
	}
	for done < asked {
		got, err := syscall.EpollWait(ep, events[:], -1)
		check(b, err == nil || err == syscall.EINTR)
		for i := 0; i < got; i++ {
			fd := int(events[i].Fd)
			size, _, err := syscall.Recvfrom(fd, answer, syscall.MSG_WAITALL)
			check(b, err == nil && size == tcpSize)
			done++
			if asked < n {
				ask(fd)
			}
		}
	}
	return done
}

func BenchmarkTCPEcho(b *testing.B) {
	b.Run("conns=64", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		check(b, err == nil)
		defer l.Close()
		go tcpServe(l)
		check(b, tcpLoad(b, l.Addr().(*net.TCPAddr).Port, b.N) == b.N)
	})
}
