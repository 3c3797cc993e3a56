// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

// Command nmeter stands in for the applet of busybox by which specs read the time of day with milliseconds, and which
// Debian's busybox lacks. It knows the format %3t alone and prints a line each time, until its output is closed.
//
//	nmeter [-d MILLISECONDS] %3t
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"
)

// The milliseconds of the time of day.
const format = "%3t"

func main() {
	delay := flag.Int("d", 1000, "milliseconds between two lines")
	flag.CommandLine.Parse(separated(os.Args[1:]))
	if flag.Arg(0) != format {
		fmt.Fprintln(os.Stderr, "nmeter: the only format is", format)
		os.Exit(2)
	}
	print(os.Stdout, time.Now, time.Duration(*delay)*time.Millisecond)
}

// separated splits the option -d from a value that is written without a space, as busybox allows.
func separated(arguments []string) []string {
	if len(arguments) > 0 && len(arguments[0]) > 2 && arguments[0][:2] == "-d" {
		return append([]string{"-d", arguments[0][2:]}, arguments[1:]...)
	}
	return arguments
}

func print(out io.Writer, now func() time.Time, delay time.Duration) {
	for {
		if _, err := fmt.Fprintln(out, now().UTC().Format("15:04:05.000")); err != nil {
			return
		}
		time.Sleep(delay)
	}
}
