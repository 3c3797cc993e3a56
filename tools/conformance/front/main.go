// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

// Command front stands before a kube-apiserver, so that the Kubernetes project's own node tests, which create pods
// through the API, exercise a node that runs static pods alone.
//
// A pod that is created through the front is stored by the API server as it is, but bound to a node that does not exist.
// The front writes it into the manifest directory of the node under test, copies the status of the mirror pod to it, and
// deletes it when its mirror pod is gone. Validation, defaults, resource versions, watches, finalizers and grace periods
// are therefore those of the API server, and every status is one that the node wrote. ConfigMaps and Secrets go into the
// manifest directory as well. Everything else passes through.
//
//	front --listen ADDRESS --server URL --cert FILE --key FILE --manifests DIRECTORY --node NAME
//
// The certificate is that of an administrator, as whom every client of the front acts. So listen on a loopback address.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// How long connections may take to end when the front does.
const shutdownTime = 2 * time.Second

type options struct {
	listen, server, cert, key, manifests, node string
}

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	o, err := parse(os.Args[1:])
	if err != nil {
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		log.Fatal(err)
	}
}

func parse(arguments []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("front", flag.ContinueOnError)
	for _, f := range []struct {
		value       *string
		name, usage string
	}{
		{&o.listen, "listen", "`address` to serve HTTP on, such as 127.0.0.1:8080"},
		{&o.server, "server", "`URL` of the API server"},
		{&o.cert, "cert", "`file` with the client certificate of an administrator"},
		{&o.key, "key", "`file` with its key"},
		{&o.manifests, "manifests", "manifest `directory` of the node"},
		{&o.node, "node", "`name` of the node"},
	} {
		flags.StringVar(f.value, f.name, "", f.usage)
	}
	if err := flags.Parse(arguments); err != nil {
		return o, err
	}
	var err error
	flags.VisitAll(func(f *flag.Flag) {
		if f.Value.String() == "" && err == nil {
			err = fmt.Errorf("--%s is missing", f.Name)
		}
	})
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "front:", err)
		flags.Usage()
	}
	return o, err
}

func run(ctx context.Context, o options) error {
	certificate, err := tls.LoadX509KeyPair(o.cert, o.key)
	if err != nil {
		return err
	}
	server, err := url.Parse(o.server)
	if err != nil {
		return err
	}
	// The API server is one that the same script has started a moment ago, on this machine and with a certificate of
	// its own making.
	client, err := corev1.NewForConfig(&rest.Config{
		Host:            o.server,
		TLSClientConfig: rest.TLSClientConfig{Insecure: true, CertFile: o.cert, KeyFile: o.key},
		QPS:             -1,
	})
	if err != nil {
		return err
	}
	names := newNames(o.node)
	files := manifestFiles{directory: o.manifests}
	bridge := newBridge(names, files, client)
	if err := bridge.start(ctx); err != nil {
		return err
	}
	proxy := newProxy(names, files, bridge, server, &http.Transport{
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{certificate}},
		MaxIdleConnsPerHost: 100,
	})
	err = serve(ctx, o.listen, proxy)
	if ctx.Err() != nil {
		bridge.wait()
	}
	return err
}

func serve(ctx context.Context, address string, handler http.Handler) error {
	server := &http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	log.Printf("serving on %s", address)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ending, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	// Watches do not end by themselves, so an expired time is the usual end.
	if err := server.Shutdown(ending); err != nil {
		return server.Close()
	}
	return nil
}
