// Copyright The Jubelet Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// manifestFiles are the files of the front in the manifest directory. Tests put files of their own beside them.
type manifestFiles struct {
	directory string
}

// Kinds of objects in the manifest directory, as their files begin.
const (
	podFile       = "pod"
	configMapFile = "configmap"
	secretFile    = "secret"
)

func (f manifestFiles) path(kind, namespace, name string) string {
	// An underscore is in no name of Kubernetes, so no two objects share a file.
	return filepath.Join(f.directory, fmt.Sprintf("front_%s_%s_%s.json", kind, namespace, name))
}

// write replaces a file if its content differs, and tells whether it did.
func (f manifestFiles) write(kind, namespace, name string, content []byte) (bool, error) {
	path := f.path(kind, namespace, name)
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
		return false, nil
	}
	if err := os.WriteFile(path+".tmp", content, 0o600); err != nil {
		return false, err
	}
	return true, os.Rename(path+".tmp", path)
}

// remove removes a file and tells whether there was one.
func (f manifestFiles) remove(kind, namespace, name string) (bool, error) {
	err := os.Remove(f.path(kind, namespace, name))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// manifestObject is an object that has a file.
type manifestObject struct {
	kind, namespace, name string
}

// list returns the objects of some kinds.
func (f manifestFiles) list(kinds ...string) ([]manifestObject, error) {
	var objects []manifestObject
	for _, kind := range kinds {
		paths, err := filepath.Glob(f.path(kind, "*", "*"))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			parts := strings.SplitN(strings.TrimSuffix(filepath.Base(path), ".json"), "_", 4)
			objects = append(objects, manifestObject{kind, parts[2], parts[3]})
		}
	}
	return objects, nil
}
