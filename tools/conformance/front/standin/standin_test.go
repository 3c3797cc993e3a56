// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// lines takes some lines and then is closed.
type lines struct {
	left int
	text strings.Builder
}

func (l *lines) Write(text []byte) (int, error) {
	if l.left == 0 {
		return 0, errors.New("closed")
	}
	l.left--
	return l.text.Write(text)
}

func TestNmeterPrintsMilliseconds(t *testing.T) {
	for _, arguments := range [][]string{{"-d0", "%3t"}, {"-d", "0", "%3t"}} {
		out := &lines{left: 2}
		if err := nmeter(arguments, nil, out); err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^(\d\d:\d\d:\d\d\.\d{3}\n){2}$`).MatchString(out.text.String()) {
			t.Errorf("%v: %q", arguments, out.text.String())
		}
	}
	if err := nmeter([]string{"%c"}, nil, &lines{left: 1}); err == nil {
		t.Error("another format is taken")
	}
}

func TestCurl(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, "body of ", r.URL.Path)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "out")
	for _, c := range []struct{ arguments, want string }{
		{"-g -q -s --max-time 15 --connect-timeout 1 " + server.URL + "/a", "body of /a"},
		{strings.TrimPrefix(server.URL, "http://") + "/b", "body of /b"},
		{"-o " + file + " -q -s -w %{http_code} " + server.URL + "/c", "418"},
	} {
		var out strings.Builder
		if err := curl(strings.Fields(c.arguments), nil, &out); err != nil || out.String() != c.want {
			t.Errorf("curl %s: %q, %v", c.arguments, out.String(), err)
		}
	}
	if content, err := os.ReadFile(file); err != nil || string(content) != "body of /c" {
		t.Errorf("file %q, %v", content, err)
	}
	var out strings.Builder
	if err := curl([]string{"-i", server.URL}, nil, &out); err != nil || !strings.HasPrefix(out.String(), "HTTP/1.1 418") {
		t.Errorf("curl -i: %q, %v", out.String(), err)
	}
}

func TestCurlFailsAsCurlDoes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	defer listener.Close()
	if err := curl([]string{"--max-time", "0.05", address}, nil, nil); exitCode(err) != expiredTimeout {
		t.Errorf("silent: %v", err)
	}
	listener.Close()
	if err := curl([]string{address}, nil, nil); exitCode(err) != failedConnect {
		t.Errorf("closed: %v", err)
	}
	if err := curl([]string{"--unknown", address}, nil, nil); exitCode(err) != 1 {
		t.Errorf("an unknown option: %v", err)
	}
}

func TestNetcatByUDP(t *testing.T) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() {
		buffer := make([]byte, 100)
		n, client, err := server.ReadFrom(buffer)
		if err == nil {
			server.WriteTo([]byte("answer to "+string(buffer[:n])), client)
		}
	}()
	host, port, _ := net.SplitHostPort(server.LocalAddr().String())
	var out strings.Builder
	err = netcat([]string{"-w", "1", "-u", host, port}, strings.NewReader("hello"), &out)
	if err != nil || out.String() != "answer to hello" {
		t.Errorf("%q, %v", out.String(), err)
	}
}

func TestNetcatByTCP(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		if connection, err := listener.Accept(); err == nil {
			fmt.Fprint(connection, "welcome")
			connection.Close()
		}
	}()
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	var out strings.Builder
	if err := netcat([]string{host, port}, strings.NewReader(""), &out); err != nil || out.String() != "welcome" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
