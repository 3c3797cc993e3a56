/**
 * One manifest document in, a {@code Pod}, {@code ConfigMap} or {@code Secret} with findings out. Pure: no file is read and
 * no clock.
 */
package io.jubelet.manifest;
