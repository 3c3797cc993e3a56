/**
 * Loads what few daemons need at all. This package imports no other package of Jubelet.
 */
package io.jubelet.optional;
