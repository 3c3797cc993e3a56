/**
 * The HTTP client of probes and hooks: one request, one deadline, a bounded response.
 */
package io.jubelet.http;
