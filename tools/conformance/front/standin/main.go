// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

// Command standin stands in for programs that specs of the node suite call in their containers and that Debian's busybox
// lacks or knows less of. It does what these specs need, under the name by which it is called:
//
//	nmeter [-d MILLISECONDS] %3t     prints the time of day with milliseconds, until its output is closed
//	curl [OPTION...] URL             gets a URL, with the options in curl.go
//	nc [-u] [-w SECONDS] HOST PORT   sends its input and prints the answer, by UDP or TCP
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

var commands = map[string]func(arguments []string, in io.Reader, out io.Writer) error{
	"nmeter": nmeter,
	"curl":   curl,
	"nc":     netcat,
}

func main() {
	name := filepath.Base(os.Args[0])
	command, ok := commands[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "%s is none of the programs that this one stands in for\n", name)
		os.Exit(127)
	}
	if err := command(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(exitCode(err))
	}
}

// exitCode returns the codes of curl that scripts tell apart, else 1.
func exitCode(err error) int {
	if coded, ok := err.(interface{ ExitCode() int }); ok {
		return coded.ExitCode()
	}
	return 1
}

// The milliseconds of the time of day.
const timeFormat = "%3t"

func nmeter(arguments []string, _ io.Reader, out io.Writer) error {
	delay := 1000
	for len(arguments) > 1 {
		flag, rest := arguments[0], arguments[1:]
		if len(flag) < 2 || flag[:2] != "-d" {
			break
		}
		// busybox takes the value with a space and without.
		if flag == "-d" {
			flag, rest = flag+rest[0], rest[1:]
		}
		if _, err := fmt.Sscanf(flag, "-d%d", &delay); err != nil {
			return err
		}
		arguments = rest
	}
	if len(arguments) != 1 || arguments[0] != timeFormat {
		return fmt.Errorf("the only format is %s", timeFormat)
	}
	for {
		if _, err := fmt.Fprintln(out, time.Now().UTC().Format("15:04:05.000")); err != nil {
			// The reader has what it wanted.
			return nil
		}
		time.Sleep(time.Duration(delay) * time.Millisecond)
	}
}
