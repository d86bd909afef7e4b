cd /tmp/x/s8
D=/work/shared/datasets/imdb
./sentiment pretrain --data $D --hidden 256 --budget 35m --seed 2 --out lm2 > pre.log 2>&1
./sentiment train --data $D --from lm2 --ratios 3 --budget 23m --seed 2 --out best2 > train.log 2>&1
echo done >> train.log
