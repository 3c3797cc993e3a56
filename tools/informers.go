// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

// Command informers keeps informers of client-go on everything that the Kubernetes API of a node serves, for a time, as
// a dashboard does. It then prints how many requests each made, what they saw, and the watches that ended with an error,
// and fails if they listed more often than they had to. tools/build-kubernetes.sh builds it with the client-go of the pinned Kubernetes.
//
//	informers -kubeconfig FILE [-for 60s] [-watch-list=false]
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

// What an informer did: its requests, and the watches that ended with an error, those among them because their version
// was too old.
type count struct {
	lists, initial, watches, failed, errors, expired int
}

func (c *count) add(other count) {
	c.lists += other.lists
	c.initial += other.initial
	c.watches += other.watches
	c.failed += other.failed
	c.errors += other.errors
	c.expired += other.expired
}

func (c count) String() string {
	return fmt.Sprintf("lists=%d initial-watches=%d watches=%d failed=%d watch-errors=%d expired=%d",
		c.lists, c.initial, c.watches, c.failed, c.errors, c.expired)
}

// Counts by the name of the resource, such as pods.
type counter struct {
	next   http.RoundTripper
	mutex  sync.Mutex
	counts map[string]count
}

func (c *counter) add(resource string, more count) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	sum := c.counts[resource]
	sum.add(more)
	c.counts[resource] = sum
}

func (c *counter) RoundTrip(request *http.Request) (*http.Response, error) {
	query := request.URL.Query()
	var made count
	switch {
	case query.Get("sendInitialEvents") == "true":
		made.initial++
	case query.Get("watch") == "true" || query.Get("watch") == "1":
		made.watches++
	default:
		made.lists++
	}
	response, err := c.next.RoundTrip(request)
	if request.Context().Err() == nil && (err != nil || response.StatusCode != http.StatusOK) {
		made.failed++
	}
	c.add(path.Base(request.URL.Path), made)
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
	requests := &counter{counts: map[string]count{}}
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
		err = informer.Informer().SetWatchErrorHandler(func(_ *cache.Reflector, err error) {
			failure := count{errors: 1}
			if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) {
				failure.expired++
			}
			requests.add(resource, failure)
			fmt.Fprintf(os.Stderr, "%s: watching %s: %v\n", time.Now().Format(time.RFC3339), resource, err)
		})
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
	var sum count
	for _, resource := range resources {
		fmt.Printf("%s: %v\n", resource, requests.counts[resource])
		sum.add(requests.counts[resource])
	}
	fmt.Printf("%v added=%d updated=%d deleted=%d pods=%d\n",
		sum, added.Load(), updated.Load(), deleted.Load(), len(pods))
	if all := sum.lists + sum.initial; all > len(resources) {
		return fmt.Errorf("%d lists for %d kinds of objects: some listed again", all, len(resources))
	}
	return nil
}
