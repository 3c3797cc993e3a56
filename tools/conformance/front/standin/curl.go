// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// Exit codes of curl.
const (
	unknownHost    = 6
	failedConnect  = 7
	expiredTimeout = 28
)

type curlError struct {
	error
	code int
}

func (e curlError) ExitCode() int { return e.code }

type curlOptions struct {
	headers, insecure       bool
	output, format, url     string
	connectTimeout, maxTime time.Duration
}

func curl(arguments []string, _ io.Reader, out io.Writer) error {
	o, err := curlArguments(arguments)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: o.maxTime, Transport: &http.Transport{
		DialContext:     (&net.Dialer{Timeout: o.connectTimeout}).DialContext,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: o.insecure},
	}}
	response, err := client.Get(o.url)
	if err != nil {
		return coded(err)
	}
	defer response.Body.Close()
	return o.write(response, out)
}

func curlArguments(arguments []string) (curlOptions, error) {
	var o curlOptions
	values := map[string]func(string) error{
		"-o":                func(v string) error { o.output = v; return nil },
		"-w":                func(v string) error { o.format = v; return nil },
		"--connect-timeout": func(v string) (err error) { o.connectTimeout, err = seconds(v); return },
		"--max-time":        func(v string) (err error) { o.maxTime, err = seconds(v); return },
	}
	flags := map[string]*bool{"-i": &o.headers, "-k": &o.insecure, "--insecure": &o.insecure}
	// What they say holds without them.
	for _, name := range []string{"-g", "-q", "-s", "-S"} {
		flags[name] = new(bool)
	}
	for len(arguments) > 0 {
		argument := arguments[0]
		arguments = arguments[1:]
		if set, ok := values[argument]; ok {
			if len(arguments) == 0 {
				return o, fmt.Errorf("option %s needs a value", argument)
			}
			if err := set(arguments[0]); err != nil {
				return o, err
			}
			arguments = arguments[1:]
		} else if flag, ok := flags[argument]; ok {
			*flag = true
		} else if strings.HasPrefix(argument, "-") {
			return o, fmt.Errorf("this stand-in has no option %s", argument)
		} else {
			o.url = argument
		}
	}
	if o.url == "" {
		return o, errors.New("no URL")
	}
	if !strings.Contains(o.url, "://") {
		o.url = "http://" + o.url
	}
	return o, nil
}

func seconds(value string) (time.Duration, error) {
	n, err := strconv.ParseFloat(value, 64)
	return time.Duration(n * float64(time.Second)), err
}

func (o curlOptions) write(response *http.Response, out io.Writer) error {
	body := out
	if o.output != "" {
		file, err := os.OpenFile(o.output, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
		if err != nil {
			return err
		}
		defer file.Close()
		body = file
	}
	if o.headers {
		fmt.Fprintf(body, "%s %s\r\n", response.Proto, response.Status)
		if err := response.Header.Write(body); err != nil {
			return err
		}
		fmt.Fprint(body, "\r\n")
	}
	if _, err := io.Copy(body, response.Body); err != nil {
		return coded(err)
	}
	_, err := fmt.Fprint(out, strings.ReplaceAll(o.format, "%{http_code}", fmt.Sprintf("%03d", response.StatusCode)))
	return err
}

func coded(err error) error {
	var unknown *net.DNSError
	var timeout net.Error
	var operation *net.OpError
	switch {
	case errors.As(err, &unknown):
		return curlError{err, unknownHost}
	case errors.As(err, &timeout) && timeout.Timeout():
		return curlError{err, expiredTimeout}
	case errors.As(err, &operation):
		return curlError{err, failedConnect}
	default:
		return err
	}
}
