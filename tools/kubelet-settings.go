// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

// Command kubelet-settings prints what the kubelet of a release takes as flags and as fields of its configuration file,
// and how it reads them. tools/build-kubernetes.sh builds it with the code of the kubelet itself.
//
//	kubelet-settings list    the flags and the fields, one a line
//	kubelet-settings read    for each line of standard input, a JSON object {"args": [...], "config": "..."}, the flags
//	                         and the fields that differ from their defaults when these words and these fields in the
//	                         file of --config are given (null is a zero value), or why they are refused
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sort"
	"strings"

	"github.com/spf13/pflag"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	cliflag "k8s.io/component-base/cli/flag"
	logsapi "k8s.io/component-base/logs/api/v1"
	_ "k8s.io/component-base/logs/json/register" // as cmd/kubelet does; it brings flags
	"k8s.io/kubelet/config/v1beta1"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/validation"
	"k8s.io/kubernetes/pkg/kubelet/kubeletconfig/util/codec"
)

func main() {
	if err := logsapi.AddFeatureGates(utilfeature.DefaultMutableFeatureGate); err != nil {
		fail(err)
	}
	switch {
	case len(os.Args) == 2 && os.Args[1] == "list":
		list()
	case len(os.Args) == 2 && os.Args[1] == "read":
		read()
	default:
		fail(errors.New("usage: kubelet-settings list|read"))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "kubelet-settings:", err)
	os.Exit(1)
}

// command is a command line of the kubelet, made as cmd/kubelet/app makes it.
type command struct {
	all    *pflag.FlagSet
	flags  *options.KubeletFlags
	config *kubeletconfig.KubeletConfiguration
}

func newCommand() command {
	config, err := options.NewKubeletConfiguration()
	if err != nil {
		fail(err)
	}
	return newCommandFor(config)
}

func newCommandFor(config *kubeletconfig.KubeletConfiguration) command {
	all := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
	all.SetNormalizeFunc(cliflag.WordSepNormalizeFunc)
	all.SetOutput(io.Discard)
	flags := options.NewKubeletFlags()
	flags.AddFlags(all)
	options.AddKubeletConfigFlags(all, config)
	options.AddGlobalFlags(all)
	all.BoolP("help", "h", false, "help for kubelet")
	return command{all, flags, config}
}

func list() {
	newCommand().all.VisitAll(func(flag *pflag.Flag) {
		names := "--" + flag.Name
		if flag.Shorthand != "" {
			names = "-" + flag.Shorthand + "," + names
		}
		fmt.Printf("flag %s %s\n", names, flag.Value.Type())
	})
	var fields []string
	addFields(reflect.TypeFor[v1beta1.KubeletConfiguration](), "", &fields)
	sort.Strings(fields)
	for _, field := range fields {
		fmt.Println("field", field)
	}
}

func addFields(object reflect.Type, path string, fields *[]string) {
	for i := range object.NumField() {
		field := object.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		kind := field.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		switch {
		case name == "-":
		case name == "":
			addFields(kind, path, fields)
		case kind == reflect.TypeFor[metav1.Duration]():
			*fields = append(*fields, path+name+" duration")
		case kind == reflect.TypeFor[resource.QuantityValue]():
			*fields = append(*fields, path+name+" quantity")
		case kind.Kind() == reflect.Struct && !marshals(kind):
			addFields(kind, path+name+".", fields)
		default:
			*fields = append(*fields, path+name+" "+kind.Kind().String())
		}
	}
}

func marshals(kind reflect.Type) bool {
	return reflect.PointerTo(kind).Implements(reflect.TypeFor[json.Marshaler]())
}

type input struct {
	Args   []string `json:"args"`
	Config string   `json:"config"`
}

type output struct {
	Error  string            `json:"error,omitempty"`
	Flags  map[string]string `json:"flags,omitempty"`
	Fields map[string]any    `json:"fields,omitempty"`
}

func read() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var in input
		if err := json.Unmarshal(lines.Bytes(), &in); err != nil {
			fail(err)
		}
		flags, fields, err := result(in)
		if err != nil {
			err = out.Encode(output{Error: err.Error()})
		} else {
			_, defaults, problem := result(input{Config: header(in.Config)})
			if problem != nil {
				fail(problem)
			}
			err = out.Encode(output{Flags: flags, Fields: difference(defaults, fields)})
		}
		if err != nil {
			fail(err)
		}
	}
	if err := lines.Err(); err != nil {
		fail(err)
	}
}

func difference(defaults, fields map[string]any) map[string]any {
	changed := map[string]any{}
	for path, value := range fields {
		if !reflect.DeepEqual(value, defaults[path]) {
			changed[path] = value
		}
	}
	for path := range defaults {
		if _, there := fields[path]; !there {
			changed[path] = nil
		}
	}
	return changed
}

func header(config string) string {
	if config == "" {
		return ""
	}
	return " "
}

// result follows the command of cmd/kubelet/app: the flags are read, then the file, then the flags again above it.
func result(in input) (flags map[string]string, fields map[string]any, err error) {
	// The defaults panic at a feature gate that the release does not know.
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v", problem)
		}
	}()
	command := newCommand()
	if err := command.all.Parse(in.Args); err != nil {
		return nil, nil, err
	}
	if rest := command.all.Args(); len(rest) > 0 {
		return nil, nil, fmt.Errorf("unknown command %s", rest[0])
	}
	if err := options.ValidateKubeletFlags(command.flags); err != nil {
		return nil, nil, err
	}
	flags = map[string]string{}
	command.all.Visit(func(flag *pflag.Flag) { flags[flag.Name] = flag.Value.String() })
	schema, codecs, err := scheme.NewSchemeAndCodecs()
	if err != nil {
		return nil, nil, err
	}
	if in.Config != "" {
		text := "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n" + in.Config
		config, err := codec.DecodeKubeletConfiguration(context.Background(), codecs, []byte(text))
		if err != nil {
			return nil, nil, err
		}
		gates := config.FeatureGates
		command = newCommandFor(config)
		if err := command.all.Parse(in.Args); err != nil {
			return nil, nil, err
		}
		for name, enabled := range gates {
			if _, given := command.config.FeatureGates[name]; !given {
				command.config.FeatureGates[name] = enabled
			}
		}
	}
	// On a machine with cgroup v1 the kubelet would refuse everything.
	failCgroupV1 := command.config.FailCgroupV1
	command.config.FailCgroupV1 = false
	if err := validation.ValidateKubeletConfiguration(command.config, utilfeature.DefaultFeatureGate); err != nil {
		return nil, nil, err
	}
	command.config.FailCgroupV1 = failCgroupV1
	versioned := &v1beta1.KubeletConfiguration{}
	if err := schema.Convert(command.config, versioned, nil); err != nil {
		return nil, nil, err
	}
	text, err := json.Marshal(versioned)
	if err != nil {
		return nil, nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		return nil, nil, err
	}
	fields = map[string]any{}
	flatten(tree, reflect.TypeFor[v1beta1.KubeletConfiguration](), "", fields)
	return flags, fields, nil
}

// flatten puts the fields of nested objects, but not the keys of maps, by their paths.
func flatten(tree map[string]any, object reflect.Type, path string, fields map[string]any) {
	for i := range object.NumField() {
		field := object.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		kind := field.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		value, there := tree[name]
		inner, object := value.(map[string]any)
		switch {
		case !there:
		case object && kind.Kind() == reflect.Struct:
			flatten(inner, kind, path+name+".", fields)
		default:
			fields[path+name] = value
		}
	}
}
