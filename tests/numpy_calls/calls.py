"""Calls of NumPy's functions with each of their arguments, as a user writes them.

The names are those of `functions.SAMPLES`.  What stands in `REFUSED` is refused by an error.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from srcgrad.rules import all_primitives

CALLS = """
np.var(x, mean=np.mean(x))
np.var(x, axis=1, mean=np.mean(x,axis=1,keepdims=True))
np.std(x, axis=0, mean=np.mean(x,axis=0,keepdims=True), ddof=1)
np.var(x, correction=1)
np.std(x, correction=1, axis=1)
np.var(x, ddof=1, keepdims=True)
np.var(x, where=MASK)
np.std(x, axis=1, where=MASK)
np.var(x, dtype=np.float32)
np.mean(x, where=MASK)
np.mean(x, axis=(0,1), keepdims=True)
np.mean(x, dtype=np.float32)
np.sum(x, initial=2.0)
np.sum(x, where=MASK, axis=1)
np.sum(x, dtype=np.complex128)
np.prod(x, where=MASK, axis=0)
np.max(x, axis=1, initial=-10.0, where=MASK)
np.min(x, axis=1, initial=0.0)
np.min(x, initial=10.0, where=MASK)
np.ptp(x, axis=1, keepdims=True)
np.average(x, weights=q)
np.average(x, axis=1, weights=W4)
np.average(x, axis=0, weights=W3, returned=True)
np.average(x, axis=1, weights=q, keepdims=True)
np.average(x, returned=True)
np.add(x, q, out=np.zeros((3,4)), where=MASK)
np.exp(x, where=MASK, out=np.ones((3,4)))
np.add(x, q, dtype=np.float32)
np.add(x, q, casting='same_kind')
np.add(x, q, order='F')
np.add(x, q, subok=False)
np.exp(x, dtype=np.float64)
np.exp(x, dtype='f4', casting='same_kind')
np.add(x, q, None)
np.exp(x, None)
np.divide(x, q, dtype=complex)
np.add.reduce(x)
np.add.reduce(x, axis=1)
np.add.reduce(x, axis=None)
np.add.reduce(x, axis=(0,1))
np.add.reduce(x, axis=1, keepdims=True)
np.add.reduce(x, axis=1, where=MASK)
np.add.reduce(x, axis=1, dtype=np.float32)
o=np.zeros(3); np.add.reduce(x, axis=1, out=o); o
o=np.zeros((3,4)); np.add.accumulate(x, axis=1, out=o); o
np.multiply.reduce(x, axis=1, initial=2.0)
np.maximum.reduce(x, axis=None)
np.maximum.reduce(x, axis=1, initial=0.1)
np.logaddexp.reduce(x, axis=0)
np.logaddexp.reduce(x, axis=None)
np.hypot.reduce(x, axis=1)
np.multiply.accumulate(x, axis=1)
np.maximum.accumulate(x, axis=0)
np.add.reduceat(v, [0,2,3])
np.add.reduceat(x, [0,2], axis=1)
np.multiply.reduceat(v, [0,2,3])
np.maximum.reduceat(v, [0,2,3])
np.minimum.reduceat(v, [0,2,3])
np.subtract.outer(v, v)
np.power.outer(u, v)
np.quantile(x, 0.3, axis=1, keepdims=True)
np.quantile(x, [0.2,0.7], axis=0)
np.quantile(x, 0.3, method='hazen')
np.quantile(v, 0.3, weights=W5, method='inverted_cdf')
np.percentile(v, [10, 60], method='median_unbiased')
np.median(x, axis=1, keepdims=True)
np.median(x, axis=(0,1))
np.nanmedian(x, axis=1)
np.nanquantile(x, 0.4, axis=1)
np.nanpercentile(x, 40, axis=1, keepdims=True)
np.nansum(x, axis=1, initial=1.0)
np.nansum(x, where=MASK)
np.nanmax(x, axis=1, initial=0.0)
np.nanmin(x, axis=1, where=MASK, initial=5.0)
np.nanmean(x, axis=1, where=MASK)
np.nanvar(x, axis=1, ddof=1, keepdims=True)
np.nanstd(x, where=MASK)
np.nanvar(x, correction=1)
np.nancumsum(x, axis=1)
np.nancumprod(x, axis=1)
np.cumsum(x, axis=1, dtype='f4')
np.cumsum(x)
np.cumprod(x, axis=-1)
np.cumulative_sum(v, include_initial=True)
np.cumulative_prod(x, axis=1, include_initial=True)
np.cumulative_sum(x, axis=0, dtype=complex)
np.pad(v, 2)
np.pad(x, ((1,2),(0,1)))
np.pad(x, ((1,2),(0,1)), constant_values=((1.0,2.0),(3.0,4.0)))
np.pad(x, 1, constant_values=s)
np.pad(x, 1, mode='edge')
np.pad(x, 2, mode='reflect')
np.pad(x, 2, mode='reflect', reflect_type='odd')
np.pad(x, 2, mode='symmetric', reflect_type='odd')
np.pad(x, 2, mode='symmetric')
np.pad(v, 7, mode='symmetric')
np.pad(v, 9, mode='reflect')
np.pad(x, 2, mode='wrap')
np.pad(v, 7, mode='wrap')
np.pad(x, 2, mode='mean')
np.pad(x, 2, mode='mean', stat_length=2)
np.pad(x, 2, mode='maximum', stat_length=((1,2),(2,1)))
np.pad(x, 2, mode='minimum')
np.pad(x, 2, mode='median')
np.pad(x, 2, mode='linear_ramp')
np.pad(x, 2, mode='linear_ramp', end_values=((1.,2.),(3.,4.)))
np.pad(x, 2, mode='linear_ramp', end_values=s)
np.pad(x, {0: 1})
np.pad(x, {1: (1,2), 0: 1}, mode='edge')
np.gradient(v)
np.gradient(x)
np.gradient(x, axis=0)
np.gradient(x, 2.0)
np.gradient(x, s)
np.gradient(x, 2.0, 3.0)
np.gradient(x, 2.0, axis=1)
np.gradient(x, np.array([1.,2.,4.]), np.array([1.,2.,4.,5.]))
np.gradient(v, u.cumsum())
np.gradient(x, axis=(0,1), edge_order=2)
np.gradient(v, u.cumsum(), edge_order=2)
np.interp(v, [-1.,0.,1.], u[:3])
np.interp(v, u.cumsum(), u)
np.interp(v, [-1.,0.,1.], u[:3], left=s, right=2.0)
np.interp(v, [0.,1.,2.], u[:3], period=3.0)
np.interp(v, [0.,1.,2.], w[:3])
np.interp(s, [0.,1.,2.], u[:3])
np.cov(x, ddof=0)
np.cov(x, rowvar=False, bias=True)
np.cov(x, fweights=[1,2,1,3])
np.cov(x, aweights=W4)
np.cov(x, y=q)
np.cov(x, dtype=np.float64)
np.cov(v)
np.corrcoef(x)
np.corrcoef(x, q, rowvar=False)
np.corrcoef(x, dtype=np.float64)
np.unwrap(v*5)
np.unwrap(x*5, axis=0)
np.unwrap(v*5, period=4.0)
np.unwrap(v*5, discont=4.0)
np.nan_to_num(x)
np.nan_to_num(x, nan=1.0, posinf=3.0, neginf=2.0)
np.clip(x, -0.5, 0.5)
np.clip(x, None, 0.5)
np.clip(x, -0.5, None)
np.clip(x, min=-0.5)
np.clip(x, max=0.5)
np.clip(x, min=-0.5, max=s)
np.clip(x, a_min=-0.5, a_max=0.5)
x.clip(-0.5, 0.5)
x.clip(min=-0.5)
x.clip(max=0.2)
np.sort(x, axis=0)
np.sort(x, axis=None)
np.sort(x, stable=True)
np.sort(x, kind='stable')
np.argsort(x, stable=True); x
np.partition(x, 2, axis=0)
np.partition(v, (1,3))
np.linspace(s, 3.0, 5)
np.linspace(0.0, v, 4)
np.linspace(v, u, 4, axis=1)
np.linspace(v, u, 4, axis=-1)
np.linspace(v, u, 4, endpoint=False)
np.linspace(s, 3.0, 5, retstep=True)
np.linspace(s, 3.0, num=5, dtype='f4')
np.logspace(s, 2.0, 5)
np.logspace(s, 2.0, 5, base=3.0)
np.logspace(v, u, 5, axis=1)
np.logspace(0.0, 1.0, 4, base=u)
np.logspace(s, 2.0, 4, endpoint=False)
np.geomspace(s, 3.0, 5)
np.geomspace(u, u+1, 5, axis=1)
np.geomspace(s, 3.0, 5, endpoint=False)
np.arange(s, 3.0)
np.arange(s, 3.0, 0.5)
np.convolve(v, u, 'same')
np.convolve(v, u, mode='valid')
np.correlate(v, u)
np.correlate(v, u, 'full')
np.convolve(w, u)
np.correlate(w, w, 'full')
np.cross(x[:,:3], q[:,:3])
np.cross(x[:,:2], q[:,:2])
np.cross(x[:,:2], q[:,:3])
np.cross(x.T[:3], q.T[:3], axis=0)
np.cross(x[:,:3].T, q[:,:3], axisa=0)
np.cross(x[:,:3], q[:,:3], axisc=0)
np.cross(x[:,:3].T, q[:,:3], axisa=0, axisb=1, axisc=0)
la.cross(x[:,:3], q[:,:3])
la.cross(x[:,:3].T, q[:,:3].T, axis=0)
np.take(x, ROWS)
np.take(x, ROWS, axis=0)
np.take(x, PLACES, axis=1)
np.take(x, [5, -9], mode='wrap')
np.take(x, [5, 99], mode='clip')
np.take(x, 2, axis=1)
x.take(ROWS, axis=1)
np.repeat(x, 2)
np.repeat(x, 2, axis=1)
np.repeat(x, [1,2,0], axis=0)
np.repeat(x, np.array([1,2,0,3]), axis=1)
np.repeat(s, 3)
x.repeat(2, 0)
np.asfortranarray(x)
np.astype(x, np.float32)
np.astype(x, complex, copy=False)
x.astype(np.float64, copy=False)
x.astype('f4', order='F', casting='same_kind')
np.require(x)
np.require(x, dtype=np.float64, requirements='F')
np.fromiter((a for a in v), float)
np.fromiter([a*2 for a in v], dtype=float, count=3)
np.polyadd(v, u[:3])
np.polysub(v, u[:3])
np.polymul(v, u[:3])
np.polydiv(v, u[:3])
np.polyder(v, 2)
np.polyint(v, 2, k=[1.0, 2.0])
np.polyval(v, x)
np.polyval(v, s)
np.polyfit(u, v, 2, w=W5)
np.polyfit(u, v, 1, cov=True)
np.polyfit(u, v, 1, cov='unscaled')
np.polyfit(u, v, 1, rcond=1e-10)
np.roots(v).astype(complex)
x[np.mask_indices(3, np.triu, k=1)]
np.unique_all(v)
np.unique_counts(v)
np.unique_inverse(v)
np.unique_values(v)
np.unique(x, return_index=True)
np.unique(x, return_inverse=True, return_counts=True)
np.unique(v, sorted=False)
np.unique(v, equal_nan=False)
np.bincount([0,1,1,2,0], weights=v, minlength=5)
x.tolist()
x.item(3)
x.item(1,2)
x.item((1,2))
x.view()
x.view(np.ndarray)
x.view(complex)
z.view(float)
cmath.polar(complex(s,2.0))
cmath.rect(s, 2.0)
operator.call(np.sin, x)
operator.countOf([1,2,1], 1)*x
operator.indexOf([1,2,1], 2)*x
operator.length_hint([1,2])*x
operator.iconcat([s], [2.0*s])
operator.concat([s], [s])
la.qr(a, mode='r')
la.qr(a, mode='complete')
la.qr(x.T)
np.einsum('ii->i', a)
np.einsum('ii', a)
np.einsum('ij,ij->i', x, q)
np.einsum('...j,j', x, W4)
np.einsum(x, [0,1], q, [0,1], [0])
np.einsum('ij,jk->ik', x, q.T, optimize=True)
np.einsum('ij,jk->ik', x, q.T, optimize='optimal')
o=np.zeros((3,3)); np.einsum('ij,jk->ik', x, q.T, out=o); o
np.emath.sqrt(z)
np.emath.log(z)
np.amax(x, axis=1, keepdims=True, initial=0.1, where=MASK)
np.amin(x, axis=1, keepdims=True, initial=0.1, where=MASK)
np.apply_along_axis(lambda r, k: r.sum()*k, 1, x, 2.0)
np.apply_over_axes(np.sum, t, [0, 2])
np.arange(s, 3.0, 0.5, dtype=np.float64)
np.array(x, dtype=complex, copy=True, order='F', subok=False, ndmin=2)
np.array(x, copy=None)
np.array(v, ndmin=2)
np.array([v, u], dtype=np.float64, ndmin=3)
np.array_split(x, 3, axis=1)
np.asanyarray(x, dtype=complex, order='C')
np.asarray(x, copy=True)
np.asarray(x, order='F')
np.asarray(x, dtype=float, order='C', copy=False)
np.asarray_chkfinite(x, dtype=float, order='C')
np.ascontiguousarray(x.T, dtype=complex)
np.asfortranarray(x, dtype=complex)
np.block([[x, q], [q, x]])
np.broadcast_to(v, (2, 5), subok=True)
o=np.zeros(5); np.choose([0,1,0,1,1], [u, v], out=o, mode='clip'); o
o=np.zeros((3,4)); np.clip(x, -0.5, 0.5, out=o); o
np.clip(x, -0.5, 0.5, o:=np.zeros((3,4)))
np.complex64(s)
o=np.zeros((6,4)); np.concatenate((x, q), axis=0, out=o); o
np.concatenate((x, q), axis=1, dtype=complex, casting='safe')
np.concat((x, q), axis=1, dtype='f4', casting='same_kind')
np.copy(x, order='F')
np.copy(x, order='C', subok=True)
o=np.zeros((3,4)); np.copyto(o, x, casting='same_kind', where=MASK); o
o=np.zeros((3,4)); np.cumprod(x, axis=1, dtype=float, out=o); o
o=np.zeros((3,4)); np.cumsum(x, axis=1, out=o); o
o=np.zeros(5); np.cumulative_prod(v, dtype=float, out=o); o
o=np.zeros(5); np.cumulative_sum(v, out=o); o
np.diff(x, 1, axis=0, prepend=1.0, append=q[:1])
o=np.zeros((3,3)); np.dot(x, q.T, out=o); o
o=np.array(a); np.fill_diagonal(o, 3.0*s, wrap=False); o
np.single(s)
np.fromfunction(lambda i, j: i*s + j, (2, 3), dtype=float)
np.full((2,3), s, order='F')
np.full_like(x, s, dtype=complex, order='F', subok=False)
np.full_like(x, s, shape=(2, 2))
np.geomspace(s, 3.0, 5, dtype=np.float64)
np.hstack((x, q), dtype=complex, casting='safe')
np.vstack((x, q), dtype=complex, casting='safe')
np.stack((x, q), axis=1, dtype=complex, casting='safe')
o=np.zeros((2,3,4)); np.stack((x, q), out=o); o
np.insert(x, 1, W3, axis=1)
np.insert(x, [0, 2], s, axis=0)
np.intersect1d(v, v[:3], assume_unique=True)
np.setdiff1d(v, u, assume_unique=True)
np.setxor1d(v, u, assume_unique=True)
np.logspace(s, 2.0, 5, dtype=np.float64)
o=np.zeros(4); np.max(x, axis=0, out=o); o
o=np.zeros(4); np.min(x, axis=0, out=o); o
o=np.zeros(4); np.mean(x, axis=0, out=o); o
o=np.zeros(4); np.median(x, axis=0, out=o); o
o=np.zeros(4); np.sum(x, axis=0, out=o); o
o=np.zeros(4); np.prod(x, axis=0, dtype=float, out=o); o
o=np.zeros(4); np.ptp(x, axis=0, out=o); o
o=np.zeros(4); np.std(x, axis=0, dtype=float, out=o); o
o=np.zeros(4); np.var(x, axis=0, out=o); o
o=np.zeros(4); np.quantile(x, 0.3, axis=0, out=o); o
o=np.zeros(4); np.percentile(x, 30, axis=0, out=o); o
np.percentile(x, 30, axis=0, keepdims=True)
np.percentile(v, 30, method='inverted_cdf', weights=W5)
np.nancumprod(x, axis=1, dtype=float)
o=np.zeros((3,4)); np.nancumprod(x, axis=1, out=o); o
np.nancumsum(x, axis=1, dtype=float)
o=np.zeros((3,4)); np.nancumsum(x, axis=1, out=o); o
o=np.zeros(4); np.nanmax(x, axis=0, out=o, where=MASK, initial=-5.0); o
o=np.zeros(4); np.nanmean(x, axis=0, dtype=float, out=o); o
o=np.zeros(4); np.nanmedian(x, axis=0, out=o); o
o=np.zeros(4); np.nanmin(x, axis=0, out=o); o
np.nanpercentile(x, 30, axis=0, method='hazen')
o=np.zeros(4); np.nanpercentile(x, 30, axis=0, out=o); o
np.nanquantile(x, 0.3, axis=0, method='hazen', keepdims=True)
np.nanquantile(v, 0.3, weights=W5, method='inverted_cdf')
o=np.zeros(4); np.nanquantile(x, 0.3, axis=0, out=o); o
o=np.zeros(4); np.nanprod(x, axis=0, dtype=float, out=o); o
o=np.zeros(4); np.nanstd(x, axis=0, dtype=float, out=o); o
o=np.zeros(4); np.nansum(x, axis=0, dtype=float, out=o); o
o=np.zeros(4); np.nanvar(x, axis=0, dtype=float, out=o); o
o=np.zeros((5,5)); np.outer(v, u, out=o); o
np.partition(x, 2, kind='introselect')
np.piecewise(x, [x < 0, x >= 0], [lambda y, k: k*y, lambda y, k: y**k], 2.0)
o=np.array(x); np.place(o, MASK, [s, 2.0]); o
o=np.array(x); np.put(o, [0, 7], [s, 2.0*s], mode='wrap'); o
o=np.array(x); np.put_along_axis(o, PLACES, q, axis=1); o
o=np.array(x); np.putmask(o, MASK, q); o
np.real_if_close(x, tol=100)
np.reshape(x, (4, 3), order='F', copy=True)
np.reshape(x, shape=(4, 3))
np.sort(x, order=None)
o=np.zeros((2, 4)); np.take(x, [0, 2], axis=0, out=o, mode='clip'); o
o=np.zeros(()); np.trace(a, offset=1, axis1=1, axis2=0, dtype=float, out=o); o
np.trace(a, dtype=complex)
np.trim_zeros(v, trim='f')
np.std(x, dtype=complex)
np.linalg.matmul(x, q.T)
np.linalg.outer(v, u)
np.linalg.tensordot(x, q, axes=2)
np.linalg.trace(a, offset=1, dtype=complex)
o=np.zeros((3,3)); la.multi_dot([x, q.T, a], out=o); o
la.pinv(x, rtol=1e-10)
la.pinv(a, hermitian=False, rcond=1e-12)
la.tensorsolve(np.reshape(np.kron(a, a), (3,3,9)), q[:3,:3], axes=None)
np.fft.fft2(x, norm='ortho')
np.fft.ifft2(z, s=(3, 3), axes=(1, 0), norm='forward')
np.fft.ifftn(z, s=(2, 4), norm='ortho', axes=(0, 1))
np.fft.irfft2(z, s=(3, 4), axes=(0, 1), norm='ortho')
np.fft.rfft2(x, s=(3, 4), axes=(1, 0), norm='forward')
o=np.zeros((3,4), complex); np.fft.fft(x, out=o); o
sliding_window_view(v, 2, subok=False, writeable=False)
np.matmul(x, q.T, dtype=complex)
np.matmul(x, q.T, order='F')
np.matmul(x, q.T, casting='same_kind', subok=True)
o=np.zeros((3,3)); np.matmul(x, q.T, out=o); o
np.vecdot(x, q, axis=0)
np.vecdot(x, q, dtype=complex)
np.matvec(a, W3, dtype=complex)
np.vecmat(W3, x, order='C')
np.max(x, 0, None, True)
np.sum(x, (0, 1), None, None, True)
np.mean(x, 1, None, None, True)
np.cumsum(x, 1, None, None)
np.std(x, 0, None, None, 1, True)
x.sum(0, None, None, True)
x.mean(axis=1, dtype=complex, keepdims=True)
x.max(1, keepdims=True, initial=0.1, where=MASK)
x.var(0, None, None, 1)
x.std(axis=1, ddof=1, keepdims=True)
x.prod(1, keepdims=True)
x.cumsum(1)
x.cumprod(axis=0, dtype=complex)
o=np.zeros(4); x.sum(axis=0, out=o); o
o=np.zeros(4); x.mean(0, out=o); o
x.trace(1, 0, 1)
x.diagonal(1, 0, 1)
x.ravel('F')
x.flatten(order='F')
x.reshape(4, 3, order='F')
x.reshape((2, -1), copy=True)
x.swapaxes(0, 1)
x.transpose(1, 0)
x.squeeze()
x.round(1)*x
x.clip(-0.5, 0.5, out=np.zeros((3,4)))
x.copy('F')
x.copy(order='C')
x.dot(q.T)
x.argmax(axis=1)*x[:,:3].sum(1)
x.repeat([1,2,1], axis=0)
x.take([0, 2], axis=1, mode='wrap')
x.compress([True, False], axis=0)
x.conj()
x.T.mT
z.real.sum() + z.imag.sum()
o=x.copy(); o.sort(axis=0); o
o=x.copy(); o.partition(2, axis=1); o
o=x.copy(); o.fill(s); o
o=x.copy(); o.put([0, 5], [s, 1.0]); o
x.min(where=MASK, initial=3.0)
np.vecdot(x, q, keepdims=True)
np.insert(x, -1, q[:2], axis=0)
np.insert(x, [2, 0, 1], q[:, :1], axis=1)
np.insert(v, 2, s, axis=0)
np.vstack((x, s*x))
o=np.zeros(4); np.amax(x, axis=0, out=o); o
o=np.zeros(4); np.amin(x, axis=0, out=o); o
np.asanyarray(x, copy=True)
np.complex64(q)
np.matvec(a, W3, out=np.zeros(3))
np.vecmat(W3, x, out=np.zeros(4))
np.vecdot(x, q, out=np.zeros(3))
np.nanpercentile(v, 30, weights=W5, method='inverted_cdf')
np.partition(x, 2, order=None)
o=np.zeros((3,4),complex); np.fft.fft2(x, out=o); o
o=np.zeros((3,4),complex); np.fft.fftn(x, out=o); o
o=np.zeros((3,4),complex); np.fft.ifft(x, out=o); o
o=np.zeros((3,4),complex); np.fft.ifftn(x, out=o); o
o=np.zeros((3,3),complex); np.fft.ihfft(x, out=o); o
o=np.zeros((3,6)); np.fft.irfft(z, out=o); o
o=np.zeros((3,6)); np.fft.irfftn(z, out=o); o
o=np.zeros((3,3),complex); np.fft.rfft(x, out=o); o
o=np.zeros((3,3),complex); np.fft.rfft2(x, out=o); o
o=np.zeros((3,3),complex); np.fft.rfftn(x, out=o); o
sliding_window_view(x, (2, 2), axis=(0, 1), subok=True, writeable=False)
np.intersect1d(v, v[:3])
np.sum(x, axis=())
np.mean(x, axis=(1,0))
np.max(x, axis=())
np.var(z)
np.std(z, axis=0, ddof=1)
np.abs(z)
np.sum(np.zeros((0,))) + s
np.prod(x[:0]) + s
np.cumsum(x[:0]).sum() + s
np.sort(z)
np.mean(x[::-1, ::2])
np.convolve(v[::-1], u[::2])
np.linalg.norm(x[:, ::-1], axis=0)
np.dot(x.T, q)
np.add(s, x.astype('f4'))
np.power(q.astype('f4'), 2)
np.power(x, 3) + np.power(2, x)
np.multiply(x, MASK)
np.where(MASK, x, 0)
x[MASK] = 0.0; x
np.sum(x, axis=-1, keepdims=True, where=MASK, initial=3)
np.true_divide(x, 3)
np.square(x, x.copy())
np.tensordot(t, x, axes=([1,2],[0,1]))
np.tensordot(t, x, axes=((2,), (1,)))
np.kron(x, a)
np.inner(x, q)
np.vdot(z, w[:4].sum()*z)
np.outer(x, v)
np.trace(t, axis1=1, axis2=2)
np.tile(x, (2, 1, 2))
np.roll(x, (1, 2), axis=(0, 1))
np.rot90(x, k=3, axes=(1, 0))
np.flip(x, axis=(0, 1))
np.meshgrid(v, u, indexing='ij', sparse=True)
np.vander(v, N=3, increasing=True)
np.diag(v, k=-1)
np.diagflat(x, k=1)
np.tril(x, k=1)
np.ediff1d(x, to_end=s, to_begin=[1.0, 2.0])
np.trapezoid(x, x=u[:4].cumsum(), axis=1)
np.trapezoid(v, dx=s)
np.choose(PLACES, [x, q, x*q], mode='wrap')
np.extract(MASK, x)
np.compress([True, False, True], x, axis=0)
np.delete(x, [0, 2], axis=1)
np.append(x, q, axis=0)
np.resize(x, (2, 7))
np.unravel_index(np.argmax(x), x.shape); x
np.take_along_axis(x, PLACES, axis=1)
np.searchsorted(np.sort(v), s)*v
np.digitize(v, [-1.0, 0.0])*v
np.heaviside(x, s)
np.copysign(x, q)
np.nextafter(x, q)
np.ldexp(x, 2)
np.sinc(x)
np.i0(x)
np.kaiser(5, s*10)
np.angle(z, deg=True)
np.real(z)*np.imag(z)
np.round(x, 1)*x
np.fix(x)*x
la.norm(x, ord='nuc')
la.norm(x, ord=2, axis=(0, 1))
la.norm(v, ord=3)
la.norm(x, 'fro', keepdims=True)
la.norm(x, ord=-np.inf, axis=1)
la.vector_norm(x, axis=1, ord=1.5, keepdims=True)
la.matrix_norm(t, ord='nuc', keepdims=True)
la.cond(a, p='fro')
la.cond(a)
la.matrix_power(a, -2)
la.eigh(a@a.T, UPLO='U')[0]
la.eigvalsh(a@a.T, UPLO='L')
la.svd(x, full_matrices=False)[1]
la.svd(x, compute_uv=False)
la.lstsq(x.T, u[:4], rcond=None)[0]
la.slogdet(a)
la.cholesky(a@a.T + np.eye(3), upper=True)
la.solve(a, x)
la.tensorinv(np.reshape(np.kron(a, a), (3,3,9)), ind=2)
np.fft.fftshift(x, axes=1)
o, p = np.zeros((3,4)), np.zeros((3,4)); np.modf(x, out=(o, p)); (o, p)
o, p = np.zeros((3,4)), np.zeros((3,4)); np.divmod(x, q, out=(o, p)); (o, p)
o, p = np.zeros((3,4)), np.zeros((3,4), int); np.frexp(q*0.01+0.6, out=(o, p)); (o, p)
np.vectorize(lambda b: b*b+1)(x)
np.vectorize(lambda b, c: b*c if b > 0 else b)(x, q)
np.vectorize(lambda b, c: b*c if b > 0 else b)(v, s)
np.vectorize(math.sin)(x)
np.vectorize(math.sin)(s)
np.vectorize(lambda b, p: b ** p, excluded=['p'])(q, p=2)
np.asarray(s).reshape(())
np.reshape(np.asarray(s), ())
np.add(x.astype('f4'), q.astype('f4'), dtype=np.dtype(float))
np.asarray(x.astype('f4'), dtype=np.dtype(float))
np.vectorize(lambda b: b * b, doc='squares', cache=True)(x)
np.vectorize(lambda b: b if b > 0 else 0, otypes=[float])(x)
np.poly(v)
np.polyval(np.poly(v), s)
np.random.default_rng(3).triangular(-1.0, s, 2.0)
np.random.default_rng(3).triangular(-u, v/9, u, size=(3, 5))
np.random.default_rng(3).hypergeometric(5, 4, 3)*s
np.random.default_rng(3).logseries(0.5, 3)*s
np.random.default_rng(3).multinomial(5, [.3, .7], size=2)*s
np.random.default_rng(3).negative_binomial(5, 0.4)*s
np.random.default_rng(3).zipf(2.0)*s
np.random.default_rng(3).multivariate_hypergeometric([3, 2], 2)*s
np.random.default_rng(3).noncentral_chisquare(3.0, 2.0)*s
np.random.default_rng(3).noncentral_f(3.0, 2.0, 1.0)*s
"""

SERIES = """
polynomial.polyadd(v, u[:3])
polynomial.polyfromroots(v)
polynomial.polygrid2d(v, u, a)
polynomial.polygrid3d(v, u, v[:2], t)
polynomial.polyline(s, 2.0)
polynomial.polyline(2.0, s)
polynomial.polymul(v, u[:3])
polynomial.polymulx(v)
polynomial.polypow(v[:2], 3)
polynomial.polysub(v, u[:3])
polynomial.polytrim(v)
polynomial.polytrim(v, tol=0.2)
polynomial.polyval2d(v, u, a)
polynomial.polyval3d(v, u, v, t)
polynomial.polyvander2d(v, u, [1, 2])
polynomial.polyvander3d(v, u, v, [1, 2, 1])
np.polynomial.Polynomial(v)(s)
np.polynomial.Polynomial(v, domain=[0, 2], window=[-1, 1])(x)
np.polynomial.Polynomial(v, domain=[0, 2]).deriv(2)(s)
np.polynomial.Polynomial(v).integ(1, k=[2.0], lbnd=0.5)(x)
(np.polynomial.Polynomial(v)+np.polynomial.Polynomial(u[:2])-1.0).coef
(np.polynomial.Polynomial(v)*np.polynomial.Polynomial(u[:2])).coef
(np.polynomial.Polynomial(v)*s/2.0)(x)
(-np.polynomial.Polynomial(v))(s)
(np.polynomial.Polynomial(v)**2).coef
np.polynomial.Polynomial.fit(u, v, 2)(s)
np.polynomial.Polynomial.fit(u, v, 2, domain=[0,2], w=W5).coef
np.polynomial.Polynomial.fromroots(v[:3])(s)
np.polynomial.Polynomial.basis(3)(s)
np.polynomial.Polynomial(v).linspace(4)
np.polynomial.Polynomial(v).trim().coef
np.polynomial.Polynomial(v).cutdeg(2).coef
np.polynomial.Polynomial(v).truncate(2).coef
np.polynomial.Polynomial(v).copy()(s)
np.polynomial.Polynomial(v).degree()*s
np.polynomial.Polynomial(v).mapparms()[0]*s
np.polynomial.Polynomial.identity()(s)
chebyshev.chebadd(v, u[:3])
chebyshev.chebfromroots(v)
chebyshev.chebgrid2d(v, u, a)
chebyshev.chebgrid3d(v, u, v[:2], t)
chebyshev.chebline(s, 2.0)
chebyshev.chebline(2.0, s)
chebyshev.chebmul(v, u[:3])
chebyshev.chebmulx(v)
chebyshev.chebpow(v[:2], 3)
chebyshev.chebsub(v, u[:3])
chebyshev.chebtrim(v)
chebyshev.chebtrim(v, tol=0.2)
chebyshev.chebval2d(v, u, a)
chebyshev.chebval3d(v, u, v, t)
chebyshev.chebvander2d(v, u, [1, 2])
chebyshev.chebvander3d(v, u, v, [1, 2, 1])
chebyshev.chebgauss(4)[1]*s
chebyshev.chebweight(v/9)
np.polynomial.Chebyshev(v)(s)
np.polynomial.Chebyshev(v, domain=[0, 2], window=[-1, 1])(x)
np.polynomial.Chebyshev(v, domain=[0, 2]).deriv(2)(s)
np.polynomial.Chebyshev(v).integ(1, k=[2.0], lbnd=0.5)(x)
(np.polynomial.Chebyshev(v)+np.polynomial.Chebyshev(u[:2])-1.0).coef
(np.polynomial.Chebyshev(v)*np.polynomial.Chebyshev(u[:2])).coef
(np.polynomial.Chebyshev(v)*s/2.0)(x)
(-np.polynomial.Chebyshev(v))(s)
(np.polynomial.Chebyshev(v)**2).coef
np.polynomial.Chebyshev.fit(u, v, 2)(s)
np.polynomial.Chebyshev.fit(u, v, 2, domain=[0,2], w=W5).coef
np.polynomial.Chebyshev.fromroots(v[:3])(s)
np.polynomial.Chebyshev.basis(3)(s)
np.polynomial.Chebyshev(v).linspace(4)
np.polynomial.Chebyshev(v).trim().coef
np.polynomial.Chebyshev(v).cutdeg(2).coef
np.polynomial.Chebyshev(v).truncate(2).coef
np.polynomial.Chebyshev(v).copy()(s)
np.polynomial.Chebyshev(v).degree()*s
np.polynomial.Chebyshev(v).mapparms()[0]*s
np.polynomial.Chebyshev.identity()(s)
hermite.hermadd(v, u[:3])
hermite.hermfromroots(v)
hermite.hermgrid2d(v, u, a)
hermite.hermgrid3d(v, u, v[:2], t)
hermite.hermline(s, 2.0)
hermite.hermline(2.0, s)
hermite.hermmul(v, u[:3])
hermite.hermmulx(v)
hermite.hermpow(v[:2], 3)
hermite.hermsub(v, u[:3])
hermite.hermtrim(v)
hermite.hermtrim(v, tol=0.2)
hermite.hermval2d(v, u, a)
hermite.hermval3d(v, u, v, t)
hermite.hermvander2d(v, u, [1, 2])
hermite.hermvander3d(v, u, v, [1, 2, 1])
hermite.hermgauss(4)[1]*s
hermite.hermweight(v/9)
np.polynomial.Hermite(v)(s)
np.polynomial.Hermite(v, domain=[0, 2], window=[-1, 1])(x)
np.polynomial.Hermite(v, domain=[0, 2]).deriv(2)(s)
np.polynomial.Hermite(v).integ(1, k=[2.0], lbnd=0.5)(x)
(np.polynomial.Hermite(v)+np.polynomial.Hermite(u[:2])-1.0).coef
(np.polynomial.Hermite(v)*np.polynomial.Hermite(u[:2])).coef
(np.polynomial.Hermite(v)*s/2.0)(x)
(-np.polynomial.Hermite(v))(s)
(np.polynomial.Hermite(v)**2).coef
np.polynomial.Hermite.fit(u, v, 2)(s)
np.polynomial.Hermite.fit(u, v, 2, domain=[0,2], w=W5).coef
np.polynomial.Hermite.fromroots(v[:3])(s)
np.polynomial.Hermite.basis(3)(s)
np.polynomial.Hermite(v).linspace(4)
np.polynomial.Hermite(v).trim().coef
np.polynomial.Hermite(v).cutdeg(2).coef
np.polynomial.Hermite(v).truncate(2).coef
np.polynomial.Hermite(v).copy()(s)
np.polynomial.Hermite(v).degree()*s
np.polynomial.Hermite(v).mapparms()[0]*s
np.polynomial.Hermite.identity()(s)
hermite_e.hermeadd(v, u[:3])
hermite_e.hermefromroots(v)
hermite_e.hermegrid2d(v, u, a)
hermite_e.hermegrid3d(v, u, v[:2], t)
hermite_e.hermeline(s, 2.0)
hermite_e.hermeline(2.0, s)
hermite_e.hermemul(v, u[:3])
hermite_e.hermemulx(v)
hermite_e.hermepow(v[:2], 3)
hermite_e.hermesub(v, u[:3])
hermite_e.hermetrim(v)
hermite_e.hermetrim(v, tol=0.2)
hermite_e.hermeval2d(v, u, a)
hermite_e.hermeval3d(v, u, v, t)
hermite_e.hermevander2d(v, u, [1, 2])
hermite_e.hermevander3d(v, u, v, [1, 2, 1])
hermite_e.hermegauss(4)[1]*s
hermite_e.hermeweight(v/9)
np.polynomial.HermiteE(v)(s)
np.polynomial.HermiteE(v, domain=[0, 2], window=[-1, 1])(x)
np.polynomial.HermiteE(v, domain=[0, 2]).deriv(2)(s)
np.polynomial.HermiteE(v).integ(1, k=[2.0], lbnd=0.5)(x)
(np.polynomial.HermiteE(v)+np.polynomial.HermiteE(u[:2])-1.0).coef
(np.polynomial.HermiteE(v)*np.polynomial.HermiteE(u[:2])).coef
(np.polynomial.HermiteE(v)*s/2.0)(x)
(-np.polynomial.HermiteE(v))(s)
(np.polynomial.HermiteE(v)**2).coef
np.polynomial.HermiteE.fit(u, v, 2)(s)
np.polynomial.HermiteE.fit(u, v, 2, domain=[0,2], w=W5).coef
np.polynomial.HermiteE.fromroots(v[:3])(s)
np.polynomial.HermiteE.basis(3)(s)
np.polynomial.HermiteE(v).linspace(4)
np.polynomial.HermiteE(v).trim().coef
np.polynomial.HermiteE(v).cutdeg(2).coef
np.polynomial.HermiteE(v).truncate(2).coef
np.polynomial.HermiteE(v).copy()(s)
np.polynomial.HermiteE(v).degree()*s
np.polynomial.HermiteE(v).mapparms()[0]*s
np.polynomial.HermiteE.identity()(s)
laguerre.lagadd(v, u[:3])
laguerre.lagfromroots(v)
laguerre.laggrid2d(v, u, a)
laguerre.laggrid3d(v, u, v[:2], t)
laguerre.lagline(s, 2.0)
laguerre.lagline(2.0, s)
laguerre.lagmul(v, u[:3])
laguerre.lagmulx(v)
laguerre.lagpow(v[:2], 3)
laguerre.lagsub(v, u[:3])
laguerre.lagtrim(v)
laguerre.lagtrim(v, tol=0.2)
laguerre.lagval2d(v, u, a)
laguerre.lagval3d(v, u, v, t)
laguerre.lagvander2d(v, u, [1, 2])
laguerre.lagvander3d(v, u, v, [1, 2, 1])
laguerre.laggauss(4)[1]*s
laguerre.lagweight(v/9)
np.polynomial.Laguerre(v)(s)
np.polynomial.Laguerre(v, domain=[0, 2], window=[-1, 1])(x)
np.polynomial.Laguerre(v, domain=[0, 2]).deriv(2)(s)
np.polynomial.Laguerre(v).integ(1, k=[2.0], lbnd=0.5)(x)
(np.polynomial.Laguerre(v)+np.polynomial.Laguerre(u[:2])-1.0).coef
(np.polynomial.Laguerre(v)*np.polynomial.Laguerre(u[:2])).coef
(np.polynomial.Laguerre(v)*s/2.0)(x)
(-np.polynomial.Laguerre(v))(s)
(np.polynomial.Laguerre(v)**2).coef
np.polynomial.Laguerre.fit(u, v, 2)(s)
np.polynomial.Laguerre.fit(u, v, 2, domain=[0,2], w=W5).coef
np.polynomial.Laguerre.fromroots(v[:3])(s)
np.polynomial.Laguerre.basis(3)(s)
np.polynomial.Laguerre(v).linspace(4)
np.polynomial.Laguerre(v).trim().coef
np.polynomial.Laguerre(v).cutdeg(2).coef
np.polynomial.Laguerre(v).truncate(2).coef
np.polynomial.Laguerre(v).copy()(s)
np.polynomial.Laguerre(v).degree()*s
np.polynomial.Laguerre(v).mapparms()[0]*s
np.polynomial.Laguerre.identity()(s)
legendre.legadd(v, u[:3])
legendre.legfromroots(v)
legendre.leggrid2d(v, u, a)
legendre.leggrid3d(v, u, v[:2], t)
legendre.legline(s, 2.0)
legendre.legline(2.0, s)
legendre.legmul(v, u[:3])
legendre.legmulx(v)
legendre.legpow(v[:2], 3)
legendre.legsub(v, u[:3])
legendre.legtrim(v)
legendre.legtrim(v, tol=0.2)
legendre.legval2d(v, u, a)
legendre.legval3d(v, u, v, t)
legendre.legvander2d(v, u, [1, 2])
legendre.legvander3d(v, u, v, [1, 2, 1])
legendre.leggauss(4)[1]*s
legendre.legweight(v/9)
np.polynomial.Legendre(v)(s)
np.polynomial.Legendre(v, domain=[0, 2], window=[-1, 1])(x)
np.polynomial.Legendre(v, domain=[0, 2]).deriv(2)(s)
np.polynomial.Legendre(v).integ(1, k=[2.0], lbnd=0.5)(x)
(np.polynomial.Legendre(v)+np.polynomial.Legendre(u[:2])-1.0).coef
(np.polynomial.Legendre(v)*np.polynomial.Legendre(u[:2])).coef
(np.polynomial.Legendre(v)*s/2.0)(x)
(-np.polynomial.Legendre(v))(s)
(np.polynomial.Legendre(v)**2).coef
np.polynomial.Legendre.fit(u, v, 2)(s)
np.polynomial.Legendre.fit(u, v, 2, domain=[0,2], w=W5).coef
np.polynomial.Legendre.fromroots(v[:3])(s)
np.polynomial.Legendre.basis(3)(s)
np.polynomial.Legendre(v).linspace(4)
np.polynomial.Legendre(v).trim().coef
np.polynomial.Legendre(v).cutdeg(2).coef
np.polynomial.Legendre(v).truncate(2).coef
np.polynomial.Legendre(v).copy()(s)
np.polynomial.Legendre(v).degree()*s
np.polynomial.Legendre(v).mapparms()[0]*s
np.polynomial.Legendre.identity()(s)
chebyshev.chebpts1(4)*s
chebyshev.chebpts2(4)*s
chebyshev.chebinterpolate(np.exp, 4)*s
polynomial.polyvalfromroots(s, v)
polynomial.polyvalfromroots(x, v)
"""

REFUSED = """
np.vectorize(lambda b: b if b > 0 else 0)(x)
np.vectorize(lambda b: b.sum(), signature='(n)->()')(x)
np.poly(z[0])
np.polynomial.Polynomial(v).roots()
polynomial.polydiv(v, u)
chebyshev.cheb2poly(v)
np.random.default_rng(3).noncentral_f(3.0, 2.0, s)
np.random.default_rng(3).permuted(x)
np.complex64(s, 2.0)
np.sum(x, axis=1, initial=s)
np.prod(x, axis=1, initial=s)
np.max(x, axis=1, initial=s)
np.average(t, axis=(1,2), weights=q)
np.add(x, q, where=MASK)
np.add.reduce(x, axis=1, initial=s)
o=np.zeros((5,3,4)); np.multiply.outer(v, x, out=o); o
np.quantile(x, 0.3, overwrite_input=True)
np.median(x, overwrite_input=True)
np.nanprod(x, axis=1, initial=s)
np.nanvar(x, mean=np.nanmean(x))
np.nan_to_num(x, copy=False)
np.clip(x, -0.5, 0.5, dtype='f4', casting='same_kind')
np.complex128(s, 2.0)
o=np.zeros((2,4)); np.compress([True,False,True], x, axis=0, out=o); o
np.trim_zeros(x, axis=0)
np.matmul(x, q, axes=[(0,1),(1,0),(0,1)])
np.add(x, q, signature='dd->d')
np.unique(x, axis=0)
np.polyfit(u, v, 2, full=True)
np.polyint(v, 2, k=[1.0, s])
np.intersect1d(v, v[:3], return_indices=True)
np.matmul(x, q.T, signature='dd->d')
np.nanmedian(x, overwrite_input=True)
np.nanpercentile(x, 30, overwrite_input=True)
np.nanquantile(x, 0.3, overwrite_input=True)
np.percentile(x, 30, overwrite_input=True)
np.nanstd(x, mean=np.nanmean(x))
o=np.zeros((3,6)); np.fft.hfft(x, out=o); o
o=np.zeros((3,4),complex); np.fft.ifft2(x, out=o); o
o=np.zeros((3,6)); np.fft.irfft2(z, out=o); o
np.select([x > 0, x > -1], [x, q], default=s)
"""

_ONE = {np.arccosh: "q + 1.0", np.frexp: "q * 0.01 + 0.6"}
_TWO = {np.ldexp: "x, ROWS[:, None]", np.power: "q, x", np.float_power: "q, x"}


def calls_of_ufuncs() -> Iterator[str]:
    """The options that all ufuncs have, of each that has a derivative."""
    for ufunc in differentiable_ufuncs():
        name = ufunc.__name__
        given = _ONE.get(ufunc, "q * 0.4") if ufunc.nin == 1 else _TWO.get(ufunc, "x, q")
        if ufunc.nout > 1:
            yield f"np.{name}({given}, order='K', subok=False)"
            continue
        yield f"np.{name}({given}, order='F', subok=False)"
        yield f"np.{name}({given}, out=np.zeros((3, 4)), casting='same_kind')"
        yield f"np.{name}({given}, out=np.ones((3, 4)), where=MASK)"
        if "D" in ufunc.types[-1] or any(kinds.endswith("->D") for kinds in ufunc.types):
            yield f"np.{name}({given}, dtype=complex)"
        elif ufunc is not np.ldexp:
            yield f"np.{name}({given}, dtype=float)"


def differentiable_ufuncs() -> list[np.ufunc]:
    return [
        primitive.function
        for primitive in all_primitives()
        if isinstance(primitive.function, np.ufunc)
        and primitive.function.signature is None
        and vars(np).get(primitive.function.__name__) is primitive.function
        and primitive.vjp is not None
    ]
