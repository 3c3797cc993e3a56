// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

// Command informers keeps informers of client-go on everything that the Kubernetes API of a node serves, for a time, as
// a dashboard does. It then prints how many requests they made and what they saw, and fails if they listed more often
// than they had to. tools/build-kubernetes.sh builds it with the client-go of the pinned Kubernetes.
//
//	informers -kubeconfig FILE [-for 60s] [-watch-list=false]
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// Requests that the informers make.
type counter struct {
	next                            http.RoundTripper
	lists, watches, initial, failed atomic.Int64
}

func (c *counter) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	switch {
	case query.Get("sendInitialEvents") == "true":
		c.initial.Add(1)
	case query.Get("watch") == "true" || query.Get("watch") == "1":
		c.watches.Add(1)
	default:
		c.lists.Add(1)
	}
	response, err := c.next.RoundTrip(request)
	if err != nil || response.StatusCode != http.StatusOK {
		c.failed.Add(1)
	}
	return response, err
}

func main() {
	file := flag.String("kubeconfig", "", "the kubeconfig of the node")
	duration := flag.Duration("for", time.Minute, "how long the informers run")
	watchList := flag.Bool("watch-list", true, "whether the initial objects come by a watch, as client-go does by default")
	flag.Parse()
	if !*watchList {
		os.Setenv("KUBE_FEATURE_WatchListClient", "false")
	}
	if err := run(*file, *duration); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file string, duration time.Duration) error {
	config, err := clientcmd.BuildConfigFromFlags("", file)
	if err != nil {
		return err
	}
	requests := &counter{}
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		requests.next = next
		return requests
	})
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), duration)
	defer cancel()
	factory := informers.NewSharedInformerFactory(client, 0)
	var added, updated, deleted atomic.Int64
	var mutex sync.Mutex
	pods := map[string]bool{}
	resources := []string{"pods", "nodes", "events", "namespaces", "configmaps"}
	for _, resource := range resources {
		informer, err := factory.ForResource(schema.GroupVersionResource{Version: "v1", Resource: resource})
		if err != nil {
			return err
		}
		_, err = informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc: func(object any) {
				added.Add(1)
				if resource == "pods" {
					key, _ := cache.MetaNamespaceKeyFunc(object)
					mutex.Lock()
					pods[key] = true
					mutex.Unlock()
				}
			},
			UpdateFunc: func(_, _ any) { updated.Add(1) },
			DeleteFunc: func(any) { deleted.Add(1) },
		})
		if err != nil {
			return err
		}
	}
	factory.Start(ctx.Done())
	for kind, synced := range factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return fmt.Errorf("the informer of %v did not get its objects", kind)
		}
	}
	fmt.Println("synced")
	<-ctx.Done()
	factory.Shutdown()
	fmt.Printf("lists=%d initial-watches=%d watches=%d failed=%d added=%d updated=%d deleted=%d pods=%d\n",
		requests.lists.Load(), requests.initial.Load(), requests.watches.Load(), requests.failed.Load(),
		added.Load(), updated.Load(), deleted.Load(), len(pods))
	if all := requests.lists.Load() + requests.initial.Load(); all > int64(len(resources)) {
		return fmt.Errorf("%d lists for %d kinds of objects: some listed again", all, len(resources))
	}
	return nil
}
