// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

// Command kubelet-records prints what the source of a release of Kubernetes declares, as the tests compare it with
// Jubelet. It reads the source with the standard library alone, so nothing of Kubernetes is built.
//
//	kubelet-records status API KUBERNETES    the fields of PodStatus and of everything in it, from the directory of
//	                                         the module k8s.io/api, and the types of conditions that the kubelet sets
//	kubelet-records reasons KUBERNETES       the reasons of the kubelet's events and of its rejections, from the
//	                                         directory of the module k8s.io/kubernetes
//	kubelet-records texts KUBERNETES         the texts with which the kubelet says why it cannot run a pod or a container
package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
)

func main() {
	switch {
	case len(os.Args) == 4 && os.Args[1] == "status":
		status(os.Args[2], os.Args[3])
	case len(os.Args) == 3 && os.Args[1] == "reasons":
		reasons(os.Args[2])
	case len(os.Args) == 3 && os.Args[1] == "texts":
		texts(os.Args[2])
	default:
		fail(fmt.Errorf("usage: kubelet-records status API KUBERNETES | reasons KUBERNETES | texts KUBERNETES"))
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "kubelet-records:", err)
	os.Exit(1)
}

// files parses the sources in a directory that are built on Linux, without tests.
func files(dir string) []*ast.File {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		fail(err)
	}
	var parsed []*ast.File
	for _, name := range names {
		base := strings.TrimSuffix(filepath.Base(name), ".go")
		if strings.HasSuffix(base, "_test") || strings.HasSuffix(base, "_windows") ||
			strings.HasSuffix(base, "_unsupported") || strings.HasPrefix(base, "fake") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			fail(err)
		}
		parsed = append(parsed, file)
	}
	return parsed
}

// constants returns the string constants of a package by name.
func constants(parsed []*ast.File) map[string]string {
	found := map[string]string{}
	for _, file := range parsed {
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if i < len(spec.Values) {
					if text, ok := literal(spec.Values[i]); ok {
						found[name.Name] = text
					}
				}
			}
			return true
		})
	}
	return found
}

func literal(value ast.Expr) (string, bool) {
	if basic, ok := value.(*ast.BasicLit); ok && basic.Kind == token.STRING {
		text, err := strconv.Unquote(basic.Value)
		return text, err == nil
	}
	return "", false
}

func status(api, kubernetes string) {
	core := files(filepath.Join(api, "core", "v1"))
	structs := map[string]*ast.StructType{}
	for _, file := range core {
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.TypeSpec); ok {
				if fields, ok := spec.Type.(*ast.StructType); ok {
					structs[spec.Name.Name] = fields
				}
			}
			return true
		})
	}
	seen := map[string]bool{}
	var walk func(name string)
	walk = func(name string) {
		fields, ok := structs[name]
		if !ok || seen[name] {
			return
		}
		seen[name] = true
		var inner []string
		for _, field := range fields.Fields.List {
			tag, err := strconv.Unquote(field.Tag.Value)
			if err != nil {
				fail(err)
			}
			json, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
			kind := typeName(field.Type)
			fmt.Printf("field %s.%s %s\n", name, json, kind)
			inner = append(inner, strings.TrimPrefix(kind, "[]"))
		}
		for _, kind := range inner {
			walk(kind)
		}
	}
	walk("PodStatus")

	types := constants(core)
	conditions := map[string]bool{}
	// The kubelet names a type of condition only where it reads or sets one.
	ast.Inspect(file(filepath.Join(kubernetes, "pkg", "kubelet", "types", "pod_status.go")), func(node ast.Node) bool {
		if name, ok := node.(*ast.SelectorExpr); ok {
			if text, known := types[name.Sel.Name]; known {
				conditions[text] = true
			}
		}
		return true
	})
	for _, condition := range sorted(conditions) {
		fmt.Println("condition", condition)
	}
}

func file(path string) *ast.File {
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		fail(err)
	}
	return parsed
}

func typeName(kind ast.Expr) string {
	switch kind := kind.(type) {
	case *ast.Ident:
		return kind.Name
	case *ast.StarExpr:
		return typeName(kind.X)
	case *ast.ArrayType:
		return "[]" + typeName(kind.Elt)
	case *ast.MapType:
		return "map[" + typeName(kind.Key) + "]" + typeName(kind.Value)
	case *ast.SelectorExpr:
		return kind.Sel.Name
	default:
		fail(fmt.Errorf("a field has a type of another form: %T", kind))
		return ""
	}
}

func sorted(set map[string]bool) []string {
	var all []string
	for name := range set {
		all = append(all, name)
	}
	sort.Strings(all)
	return all
}

// calls has the position of the reason among the arguments of the calls that record an event.
var calls = map[string]int{
	"Event": 2, "Eventf": 2, "AnnotatedEventf": 3, "recordContainerEvent": 4, "recordContainerEventf": 4,
	"recordEvent": 2, "recordNodeStatusEvent": 2, "recordNodeStatusEventWithMessage": 2,
}

func reasons(kubernetes string) {
	kubelet := filepath.Join(kubernetes, "pkg", "kubelet")
	events := map[string]bool{}
	for _, text := range constants(files(filepath.Join(kubelet, "events"))) {
		events[text] = true
	}
	rejections := map[string]bool{}
	err := filepath.WalkDir(kubelet, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.IsDir() || strings.HasSuffix(path, "testing") {
			return err
		}
		parsed := files(path)
		own := constants(parsed)
		value := func(argument ast.Expr) (string, bool) {
			if name, ok := argument.(*ast.Ident); ok {
				text, known := own[name.Name]
				return text, known
			}
			return literal(argument)
		}
		for _, file := range parsed {
			ast.Inspect(file, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.CallExpr:
					if method, ok := node.Fun.(*ast.SelectorExpr); ok {
						at, records := calls[method.Sel.Name]
						if records && at < len(node.Args) {
							if text, ok := value(node.Args[at]); ok {
								events[text] = true
							}
						}
					}
				case *ast.CompositeLit:
					rejection(node, value, rejections)
				}
				return true
			})
		}
		return nil
	})
	if err != nil {
		fail(err)
	}
	// These are assigned to variables before they are returned.
	for name, text := range constants(files(filepath.Join(kubelet, "lifecycle"))) {
		if strings.HasPrefix(name, "OutOf") || strings.HasSuffix(name, "Type") && strings.HasPrefix(name, "Unexpected") {
			rejections[text] = true
		}
	}
	for _, event := range sorted(events) {
		fmt.Println("event", event)
	}
	for _, reason := range sorted(rejections) {
		fmt.Println("rejection", reason)
	}
}

// rejection adds the reason of a PodAdmitResult.
func rejection(result *ast.CompositeLit, value func(ast.Expr) (string, bool), found map[string]bool) {
	if result.Type == nil || !strings.HasSuffix(typeNameOrEmpty(result.Type), "PodAdmitResult") {
		return
	}
	for _, element := range result.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Reason" {
				if text, ok := value(pair.Value); ok {
					found[text] = true
				}
			}
		}
	}
}

func typeNameOrEmpty(kind ast.Expr) string {
	switch kind := kind.(type) {
	case *ast.Ident:
		return kind.Name
	case *ast.SelectorExpr:
		return kind.Sel.Name
	default:
		return ""
	}
}

// textFiles say why a pod or a container cannot run; other files say why the kubelet itself cannot.
var textFiles = []string{
	"kubelet/kubelet_pods.go", "kubelet/lifecycle/handlers.go", "kubelet/lifecycle/predicate.go",
	"kubelet/sysctl/allowlist.go", "kubelet/kuberuntime/security_context.go", "kubelet/kuberuntime/security_context_others.go",
	"kubelet/util/util.go",
	"kubelet/images/image_manager.go", "kubelet/kuberuntime/kuberuntime_sandbox_linux.go",
	"kubelet/userns/userns_manager.go", "security/apparmor/validate.go", "volume/configmap/configmap.go",
	"volume/secret/secret.go", "volume/hostpath/host_path.go", "volume/util/operationexecutor/operation_executor.go",
	"volume/util/operationexecutor/operation_generator.go", "volume/validation/pv_validation.go",
}

func texts(kubernetes string) {
	found := map[string]bool{}
	for _, name := range textFiles {
		path := filepath.Join(kubernetes, "pkg", filepath.FromSlash(name))
		if _, err := os.Stat(path); err != nil {
			fail(err)
		}
		ast.Inspect(file(path), func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.ImportSpec:
				return false
			case *ast.BasicLit:
				if text, ok := literal(node); ok && strings.Contains(text, " ") && !strings.Contains(text, "\n") {
					found[text] = true
				}
			}
			return true
		})
	}
	for _, text := range sorted(found) {
		fmt.Println(text)
	}
}
