/**
 * Structured text: YAML and JSON read into a small tree that keeps line and column, tables of known fields, and readers
 * that collect every finding instead of stopping at the first.
 *
 * <p>Knows nothing of pods. This package imports no other package of Jubelet.
 */
package io.jubelet.document;
