// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"time"
)

// The largest datagram.
const maxDatagram = 64 << 10

func netcat(arguments []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("nc", flag.ContinueOnError)
	udp := flags.Bool("u", false, "use UDP")
	wait := flags.Int("w", 0, "how many `seconds` to wait for a connection and for more to read")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return errors.New("no host and port")
	}
	network := "tcp"
	if *udp {
		network = "udp"
	}
	patience := time.Duration(*wait) * time.Second
	connection, err := net.DialTimeout(network, net.JoinHostPort(flags.Arg(0), flags.Arg(1)), patience)
	if err != nil {
		return err
	}
	defer connection.Close()
	if _, err := io.Copy(connection, in); err != nil {
		return err
	}
	if stream, ok := connection.(*net.TCPConn); ok {
		if err := stream.CloseWrite(); err != nil {
			return err
		}
	}
	return printUntilSilent(connection, patience, out)
}

// printUntilSilent prints what comes, until the other side ends or says nothing for a time; 0 waits for ever.
func printUntilSilent(connection net.Conn, patience time.Duration, out io.Writer) error {
	buffer := make([]byte, maxDatagram)
	for {
		if patience > 0 {
			if err := connection.SetReadDeadline(time.Now().Add(patience)); err != nil {
				return err
			}
		}
		n, err := connection.Read(buffer)
		if _, failed := fmt.Fprintf(out, "%s", buffer[:n]); failed != nil {
			return failed
		}
		var timeout net.Error
		if err == io.EOF || errors.As(err, &timeout) && timeout.Timeout() {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
